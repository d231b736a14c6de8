import Network

/// A run on the device, which the CPU runs again where the device fails later, or does something else than the CPU.
final class GuardedRun: Run {
    let recording: Recording
    let scores: [[Float]]
    private var run: any Run
    /// As long as the run is the device's.
    private var holding: Holding?
    private let session: GuardedSession
    private let isResumed: Bool
    /// The same run by another session, of some of its images.
    private let again: (any Session, [Int]) throws(NetworkError) -> any Run
    /// The CPU's run to compare with, of these images.
    private var expected: (places: [Int], run: any Run)?

    init(
        _ run: any Run, _ session: GuardedSession, _ holding: Holding, isResumed: Bool = false,
        again: @escaping (any Session, [Int]) throws(NetworkError) -> any Run
    ) {
        (recording, scores) = (run.recording, run.scores)
        (self.run, self.session, self.holding) = (run, session, holding)
        (self.isResumed, self.again) = (isResumed, again)
    }

    private var guarded: GuardedProgram { session.guarded }

    /// Does something by the device or, where that fails, does not agree with the CPU, or has no memory for it, by
    /// the CPU.
    ///
    /// - Parameter settle: has what the device did compared.
    private func computed<Value>(
        _ body: (any Run) throws(NetworkError) -> Value, settling settle: (Value) throws(NetworkError) -> Void
    ) throws(NetworkError) -> Value {
        if holding != nil {
            let found = try guarded.byDevice { () throws(NetworkError) -> Value in
                let value = try body(run)
                try settle(value)
                return value
            }
            if let found { return found }
            run = try again(session.onCPU(), Array(scores.indices))
            (holding, expected) = (nil, nil)
        }
        return try body(run)
    }

    /// The CPU's run of some of the images.
    private func reference(_ places: [Int]) throws(NetworkError) -> any Run {
        if let expected, expected.places == places { return expected.run }
        expected = nil
        let run = try again(guarded.reference(threads: session.threads), places)
        expected = (places, run)
        return run
    }

    /// The first and the last: a step from one image to the next that is wrong shows at the last.
    private static func ends(of images: Range<Int>) -> [Int] {
        images.count > 1 ? [images.lowerBound, images.upperBound - 1] : Array(images)
    }

    /// Has scores and what is recorded compared.
    func settle() throws(NetworkError) {
        let values = recording.values.union(recording.gradients).union(recording.resumable)
        let work = Work(kind: isResumed ? .resumed : .run, values: values, passes: [scores.count])
        try guarded.settle(work) { () throws(NetworkError) -> Difference in
            let places = Self.ends(of: scores.indices), expected = try reference(places)
            var worst = Difference()
            for (index, place) in places.enumerated() {
                worst = worst.joined(try Trial.values(run, place, expected, index))
            }
            return worst
        }
    }

    func value(_ id: ValueID, image: Int) throws(NetworkError) -> Tensor {
        try computed(
            { run throws(NetworkError) -> Tensor in try run.value(id, image: image) },
            settling: { (_: Tensor) throws(NetworkError) -> Void in })
    }

    func gradients(
        _ cotangents: [[Float]], of images: Range<Int>, at values: [ValueID], rule: RectifierRule
    ) throws(NetworkError) -> [[Tensor]] {
        try computed(
            { run throws(NetworkError) -> [[Tensor]] in
                try run.gradients(cotangents, of: images, at: values, rule: rule)
            },
            settling: { (found: [[Tensor]]) throws(NetworkError) -> Void in
                // A cotangent of zeros, whose gradient is zero, says nothing.
                let sizes = cotangents.map { $0.reduce(0) { max($0, abs($1)) } }
                guard !values.isEmpty, sizes.contains(where: { $0 > 0 }) else { return }
                let work = Work(
                    kind: .walk(rule, isResumed: isResumed), values: Set(values), passes: [images.count])
                try guarded.settle(work) { () throws(NetworkError) -> Difference in
                    let places = Self.ends(of: images), expected = try reference(places)
                    let rows = places.map { cotangents[$0 - images.lowerBound] }
                    let wanted = try expected.gradients(rows, of: places.indices, at: values, rule: rule)
                    var worst = Difference()
                    for (index, place) in places.enumerated() {
                        let row = place - images.lowerBound
                        let own = Trial.Walk(gradients: found[row], run: run, image: place)
                        let other = Trial.Walk(gradients: wanted[index], run: expected, image: index)
                        worst = worst.joined(
                            try own.difference(
                                from: other, at: values, of: sizes[row], isPlain: rule == .plain, guarded.graph))
                    }
                    return worst
                }
            })
    }

    func scores<Kept>(
        replacing value: ValueID, image: Int, count: Int, keeping keep: ([Float]) -> Kept,
        _ write: @Sendable (Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(NetworkError) -> [Kept] {
        var sample = Sample(of: count)
        return try computed(
            { run throws(NetworkError) -> [Kept] in
                sample.begin()
                return try run.scores(
                    replacing: value, image: image, count: count,
                    keeping: { row -> Kept in
                        sample.take(row, pass: session.streamed(count))
                        return keep(row)
                    }, write)
            },
            settling: { (_: [Kept]) throws(NetworkError) -> Void in
                guard count > 0 else { return }
                let work = Work(kind: .suffix, values: [value], passes: sample.passes)
                try guarded.settle(work) { () throws(NetworkError) -> Difference in
                    let places = sample.places
                    let expected = try reference([image]).scores(
                        replacing: value, image: 0, count: places.count,
                        keeping: { (row: [Float]) -> [Float] in row }, { write(places[$0], $1) })
                    return sample.difference(from: expected)
                }
            })
    }

    func resumed(replacing value: ValueID, image: Int, by numbers: [Float]) throws(NetworkError) -> any Run {
        let again = again
        return try computed(
            { run throws(NetworkError) -> any Run in
                let resumed = try run.resumed(replacing: value, image: image, by: numbers)
                guard let holding else { return resumed }
                return GuardedRun(resumed, session, holding, isResumed: true) {
                    cpu, _ throws(NetworkError) -> any Run in
                    try again(cpu, [image]).resumed(replacing: value, image: 0, by: numbers)
                }
            },
            settling: { (own: any Run) throws(NetworkError) -> Void in try (own as? GuardedRun)?.settle() })
    }
}
