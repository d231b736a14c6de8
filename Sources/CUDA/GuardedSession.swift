import Network

final class GuardedSession: Session {
    var program: any Program { guarded }
    let guarded: GuardedProgram
    let threads: Int
    private let device: any Session
    private var cpu: (any Session)?
    /// Shared with the runs that hold the device's memory.
    private var holding = Holding()
    /// Whether the last run was refused so that others be ended.
    private var hasRefused = false
    /// What was checked last, of which the CPU makes sure, too, where it takes over.
    private var needs: (recording: Recording, images: Int, streams: Bool, runs: Int)?
    /// What computed since that was last asked.
    private var computations: Set<Computation> = []

    init(_ program: GuardedProgram, threads: Int) {
        (guarded, self.threads) = (program, threads)
        device = program.device.session(threads: threads)
    }

    /// The CPU's session.
    func onCPU() throws(NetworkError) -> any Session {
        if let cpu { return cpu }
        let session = try guarded.onCPU().session(threads: threads)
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

    /// Does something by the device or, where that fails, does not agree with the CPU, or has no memory for it, by the
    /// CPU.
    ///
    /// - Parameters:
    ///   - settle: has what the device did compared.
    ///   - isLeft: whether what there is no memory for is left to the CPU, rather than told.
    private func computed<Value>(
        _ body: (any Session) throws(NetworkError) -> Value, leaving isLeft: () -> Bool = { true },
        settling settle: (Value) throws(NetworkError) -> Void
    ) throws(NetworkError) -> Value {
        let found = try guarded.byDevice(leaving: isLeft) { () throws(NetworkError) -> Value in
            let value = try body(device)
            try settle(value)
            return value
        }
        if let found {
            note(guarded.device)
            return found
        }
        let cpu = try onCPU()
        note(cpu.program)
        return try body(cpu)
    }

    /// A program computes something that is given out.
    func note(_ program: any Program) { computations.insert(Computation(program)) }

    func takeComputations() -> [Computation] {
        defer { computations = [] }
        return [guarded.device, cpu?.program].compactMap { $0.map(Computation.init) }.filter(computations.contains)
    }

    func session(of graph: Graph) throws(NetworkError) -> any Session {
        // A network of the same input has other weights, and sees a few images: to take it to the device, and to compare
        // it, costs more than to compute.
        if graph.inputShape != self.graph.inputShape {
            do throws(NetworkError) {
                let own = try guarded.byDevice { () throws(NetworkError) -> any Session in
                    let other = try device.session(of: graph)
                    return GuardedSession(guarded.other(other.program), threads: threads)
                }
                if let own { return own }
            } catch {
                guard case .noKernel = error else { throw error }
            }
        }
        return try guarded.onCPU(graph).session(threads: threads)
    }

    func run(_ images: [[Float]], recording: Recording) throws(NetworkError) -> any Run {
        let run = try computed(
            { session throws(NetworkError) -> any Run in
                let run = try session.run(images, recording: recording)
                guard session === device else { return run }
                return GuardedRun(run, self, holding) { cpu, places, draw throws(NetworkError) -> any Run in
                    try cpu.run(places.map { Trial.shaken(images[$0], draw) }, recording: recording)
                }
            },
            leaving: {
                // The caller may ask for fewer, and once end what runs hold; for what is left there is the CPU.
                let isAlone = hasRefused || isKnownUniquelyReferenced(&holding)
                hasRefused = !isAlone
                return images.count == 1 && isAlone
            },
            settling: { (own: any Run) throws(NetworkError) -> Void in try (own as? GuardedRun)?.settle() })
        hasRefused = false
        return run
    }

    func usefulImages(_ recording: Recording) throws(NetworkError) -> Int {
        let own = try guarded.byDevice { () throws(NetworkError) -> Int in try device.usefulImages(recording) }
        return if let own { own } else { try onCPU().usefulImages(recording) }
    }

    func check(_ recording: Recording, images: Int, streams: Bool, runs: Int) throws(NetworkError) {
        if !guarded.isReplaced {
            do throws(NetworkError) {
                try device.check(recording, images: images, streams: streams, runs: runs)
                needs = (recording, images, streams, runs)
                return
            } catch {
                // Who is told of several that they do not fit asks for fewer; for what one alone needs there is the CPU.
                guard case .device = error, !error.isShortage || (images == 1 && runs == 1) else { throw error }
                needs = (recording, images, streams, runs)
                try guarded.replace(.failed(error))
                _ = try onCPU()
                return
            }
        }
        try onCPU().check(recording, images: images, streams: streams, runs: runs)
        needs = (recording, images, streams, runs)
    }

    /// A pass as the device computes it now.
    func pass(of images: Int) -> PassKind { PassKind(images: images, left: (device as? CUDASession)?.left ?? []) }

    /// The pass of a stream of which a row was just told.
    func streamed(_ count: Int) -> PassKind { (device as? CUDASession)?.streamed ?? PassKind(images: count) }

    func scores<Kept>(_ batch: Batch, keeping keep: ([Float]) -> Kept) throws(NetworkError) -> [Kept] {
        var sample = Sample(batch.work, of: batch.count)
        return try computed(
            { session throws(NetworkError) -> [Kept] in
                sample.begin()
                return try session.scores(
                    batch,
                    keeping: { row -> Kept in
                        sample.take(row, of: streamed(batch.count))
                        return keep(row)
                    })
            },
            settling: { (_: [Kept]) throws(NetworkError) -> Void in
                guard batch.count > 0 else { return }
                try guarded.settle(sample.works) { told throws(NetworkError) -> Difference in
                    let cpu = try guarded.reference(), own = batch.only(sample.places)
                    return try sample.difference(in: guarded.device.precision, telling: &told) {
                        draw throws(NetworkError) -> [[Float]] in
                        try cpu.scores(draw.map(own.shaken) ?? own)
                    }
                }
            })
    }
}

/// What runs share that hold a device's memory.
final class Holding {}

extension Batch {
    var work: Work.Kind {
        switch self {
        case .written: .written
        case .masked(_, let map): .masked(MapSize(map))
        }
    }

    /// Of a draw of shaken images.
    func shaken(_ draw: UInt32) -> Batch {
        switch self {
        case .written(let count, let write):
            .written(count) { place, target in
                write(place, target)
                _ = target.update(fromContentsOf: Trial.shaken(Array(target), draw))
            }
        case .masked(let image, let map): .masked(Trial.shaken(image, draw), by: map)
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
