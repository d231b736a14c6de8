import Network

final class GuardedSession: Session {
    var program: any Program { guarded }
    let guarded: GuardedProgram
    let threads: Int
    private let device: any Session
    private var cpu: (any Session)?
    /// What was checked last, of which the CPU makes sure, too, where it takes over.
    private var needs: (recording: Recording, images: Int, streams: Bool, runs: Int)?

    init(_ program: GuardedProgram, threads: Int) {
        (guarded, self.threads) = (program, threads)
        device = program.device.session(threads: threads)
    }

    /// The CPU's session; nil where the device computes.
    func onCPU() throws(NetworkError) -> (any Session)? {
        if let cpu { return cpu }
        guard let program = guarded.replacement else { return nil }
        let session = program.session(threads: threads)
        if let needs {
            do throws(NetworkError) {
                try session.check(needs.recording, images: needs.images, streams: needs.streams, runs: needs.runs)
            } catch {
                // As many as the device ran side by side may be too many; one has to fit.
                try session.check(needs.recording, images: 1, streams: needs.streams, runs: 1)
            }
        }
        cpu = session
        return session
    }

    /// Does something by the device or, where that fails, or does not agree with the CPU, by the CPU.
    ///
    /// - Parameter settle: has what the device did compared.
    private func computed<Value>(
        _ body: (any Session) throws(NetworkError) -> Value, settling settle: (Value) throws(NetworkError) -> Void
    ) throws(NetworkError) -> Value {
        if let cpu = try onCPU() { return try body(cpu) }
        do throws(NetworkError) {
            let value = try body(device)
            try settle(value)
            // Others may have found meanwhile that the device is not to be trusted.
            if guarded.replacement == nil { return value }
        } catch {
            guard case .device = error else { throw error }
            try guarded.replace(.failed(error))
        }
        let cpu = try onCPU()!
        return try body(cpu)
    }

    func session(of graph: Graph) throws(NetworkError) -> any Session {
        try computed(
            { session throws(NetworkError) -> any Session in
                let other = try session.session(of: graph)
                return session === device ? GuardedSession(guarded.other(other.program), threads: threads) : other
            }, settling: { (_: any Session) throws(NetworkError) -> Void in })
    }

    func run(_ images: [[Float]], recording: Recording) throws(NetworkError) -> any Run {
        let (run, isOnDevice) = try computed(
            { session throws(NetworkError) -> (any Run, Bool) in
                let run = try session.run(images, recording: recording)
                return (run, session === device)
            },
            settling: { (own: (any Run, Bool)) throws(NetworkError) -> Void in
                try guarded.settle(.run) { () throws(NetworkError) -> Float in
                    try Trial(own.0, images[0], guarded.graph, threads).difference()
                }
            })
        guard isOnDevice else { return run }
        return GuardedRun(run, self) { cpu throws(NetworkError) -> any Run in
            try cpu.run(images, recording: recording)
        }
    }

    func usefulImages(_ recording: Recording) throws(NetworkError) -> Int {
        try computed(
            { session throws(NetworkError) -> Int in try session.usefulImages(recording) },
            settling: { (_: Int) throws(NetworkError) -> Void in })
    }

    func check(_ recording: Recording, images: Int, streams: Bool, runs: Int) throws(NetworkError) {
        let cpu: (any Session)?
        do throws(NetworkError) {
            cpu = try onCPU()
            if cpu == nil { try device.check(recording, images: images, streams: streams, runs: runs) }
        } catch {
            // Who is told of several that they do not fit asks for fewer; for what one alone needs there is the CPU.
            guard case .device(_, let fault, _) = error, fault != .memory || (images == 1 && runs == 1) else {
                throw error
            }
            needs = (recording, images, streams, runs)
            try guarded.replace(.failed(error))
            _ = try onCPU()
            return
        }
        try cpu?.check(recording, images: images, streams: streams, runs: runs)
        needs = (recording, images, streams, runs)
    }

    func scores<Kept>(_ batch: Batch, keeping keep: ([Float]) -> Kept) throws(NetworkError) -> [Kept] {
        var sample = Sample(of: batch.count)
        return try computed(
            { session throws(NetworkError) -> [Kept] in
                sample.begin()
                return try session.scores(
                    batch,
                    keeping: { row -> Kept in
                        sample.take(row)
                        return keep(row)
                    })
            },
            settling: { (_: [Kept]) throws(NetworkError) -> Void in
                guard batch.count > 0 else { return }
                try guarded.settle(batch.work) { () throws(NetworkError) -> Float in
                    sample.difference(from: try guarded.reference(threads: threads).scores(batch.only(sample.places)))
                }
            })
    }
}

/// Some of a stream's rows of scores, which are compared with the CPU's.
struct Sample {
    /// The first image, and the last of a first pass.
    let places: [Int]
    private var rows: [[Float]] = []
    private var next = 0

    init(of count: Int) { places = count > 1 ? [0, min(count, CUDASession.mostStreamed) - 1] : Array(0..<count) }

    mutating func begin() { (rows, next) = ([], 0) }

    /// Takes the next image's.
    mutating func take(_ row: [Float]) {
        if places.contains(next) { rows.append(row) }
        next += 1
    }

    /// - Parameter expected: rows of the images at `places`.
    func difference(from expected: [[Float]]) -> Float {
        guard rows.count == expected.count else { return .infinity }
        return zip(rows, expected).reduce(0) { max($0, Trial.relative($1.0, $1.1)) }
    }
}

extension Batch {
    var work: Work {
        switch self {
        case .written: .written
        case .masked: .masked
        }
    }

    /// Of these images alone.
    func only(_ places: [Int]) -> Batch {
        switch self {
        case .written(_, let write):
            return .written(places.count) { write(places[$0], $1) }
        case .masked(let image, let map):
            let values = places.flatMap { Array(map.values[$0 * map.area..<($0 + 1) * map.area]) }
            return .masked(
                image,
                by: FeatureMap(channels: places.count, height: map.height, width: map.width, values: values))
        }
    }
}
