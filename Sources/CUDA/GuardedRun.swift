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
    /// The same run by another session, of some of its images, or of a draw of shaken ones.
    private let again: (any Session, _ places: [Int], _ draw: UInt32?) throws(NetworkError) -> any Run
    /// The CPU's run to compare with, of these images.
    private var expected: (places: [Int], run: any Run)?

    init(
        _ run: any Run, _ session: GuardedSession, _ holding: Holding, isResumed: Bool = false,
        again: @escaping (any Session, _ places: [Int], _ draw: UInt32?) throws(NetworkError) -> any Run
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
            if let found {
                session.note(guarded.device)
                return found
            }
            run = try again(session.onCPU(), Array(scores.indices), nil)
            (holding, expected) = (nil, nil)
        }
        session.note(try session.onCPU().program)
        return try body(run)
    }

    /// The CPU's run of some of the images.
    private func reference(_ places: [Int]) throws(NetworkError) -> any Run {
        if let expected, expected.places == places { return expected.run }
        expected = nil
        let run = try again(guarded.reference(), places, nil)
        expected = (places, run)
        return run
    }

    /// The first and the last: a step from one image to the next that is wrong shows at the last.
    private static func ends(of images: [Int]) -> [Int] {
        images.count > 1 ? [images[0], images[images.count - 1]] : images
    }

    /// Has scores and what is recorded compared.
    func settle() throws(NetworkError) {
        let kind: Work.Kind = isResumed ? .resumed : .run, pass = session.pass(of: scores.count)
        let values = recording.kept.sorted(),
            works = [Work(kind, of: pass)] + values.map { Work(kind, at: $0, of: pass) }
        try guarded.settle(Set(works)) { told throws(NetworkError) -> Difference in
            let places = Self.ends(of: Array(scores.indices)), expected = try reference(places)
            func differences(_ run: any Run, at places: [Int]) throws(NetworkError) -> [[Difference]] {
                var all: [[Difference]] = []
                for (index, place) in places.enumerated() {
                    all.append(try Trial.values(run, place, expected, index))
                }
                return all
            }
            var telling: [[Work?]] = []
            for index in places.indices {
                var tells = [Trial.tells(expected.scores[index])]
                for value in values { tells.append(Trial.tells(try expected.value(value, image: index).values)) }
                telling.append(zip(works, tells).map { $1 ? $0 : nil })
            }
            return try ComparedImages(differences: differences(run, at: places), works: telling)
                .worst(in: guarded.device.precision, telling: &told) {
                    draw throws(NetworkError) -> [[Difference]] in
                    try differences(again(guarded.reference(), places, draw), at: Array(places.indices))
                }
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
                try settle(found, cotangents, of: images, at: values, rule)
            })
    }

    /// Has gradients compared.
    private func settle(
        _ found: [[Tensor]], _ cotangents: [[Float]], of images: Range<Int>, at values: [ValueID], _ rule: RectifierRule
    ) throws(NetworkError) {
        guard !values.isEmpty else { return }
        // A cotangent of zeros, whose gradient is zero, says nothing; nor does a gradient that is all rounding.
        var places: [Int] = [], kinds: [PassKind] = [], next = images.lowerBound
        for pass in (run as? CUDARun)?.walked ?? [session.pass(of: images.count)] {
            let own = (next..<next + pass.images).filter { cotangents[$0 - images.lowerBound].contains { $0 != 0 } }
            next += pass.images
            guard !own.isEmpty, !kinds.contains(pass) else { continue }
            let ends = Self.ends(of: own)
            places += ends
            kinds += ends.map { _ in pass }
        }
        let rows = places.map { cotangents[$0 - images.lowerBound] }
        let sizes = rows.map { $0.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 } }
        func work(_ value: ValueID, _ pass: PassKind) -> Work {
            Work(.walk(rule, isResumed: isResumed), at: value, of: pass)
        }
        try guarded.settle(Set(kinds.flatMap { kind in values.map { work($0, kind) } })) {
            told throws(NetworkError) -> Difference in
            func walks(_ run: any Run) throws(NetworkError) -> [Trial.Walk] {
                let gradients = try run.gradients(rows, of: places.indices, at: values, rule: rule)
                return gradients.enumerated().map { Trial.Walk(gradients: $1, run: run, image: $0) }
            }
            let expected = try walks(reference(places))
            func differences(_ walks: [Trial.Walk]) throws(NetworkError) -> [[Difference]] {
                var all: [[Difference]] = []
                for (index, walk) in walks.enumerated() {
                    all.append(
                        try walk.differences(
                            from: expected[index], at: values, of: sizes[index], isPlain: rule == .plain,
                            guarded.graph))
                }
                return all
            }
            let own = try differences(
                places.map { Trial.Walk(gradients: found[$0 - images.lowerBound], run: run, image: $0) })
            let works = expected.enumerated().map { index, walk in
                zip(values, walk.tells(of: sizes[index])).map { $1 ? work($0, kinds[index]) : nil }
            }
            return try ComparedImages(differences: own, works: works).worst(
                in: guarded.device.precision, telling: &told
            ) { draw throws(NetworkError) -> [[Difference]] in
                try differences(walks(again(guarded.reference(), places, draw)))
            }
        }
    }

    func scores<Kept>(
        replacing value: ValueID, image: Int, count: Int, keeping keep: ([Float]) -> Kept,
        _ write: @Sendable (Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(NetworkError) -> [Kept] {
        var sample = Sample(.suffix, at: value, of: count)
        return try computed(
            { run throws(NetworkError) -> [Kept] in
                sample.begin()
                return try run.scores(
                    replacing: value, image: image, count: count,
                    keeping: { row -> Kept in
                        sample.take(row, of: session.streamed(count))
                        return keep(row)
                    }, write)
            },
            settling: { (_: [Kept]) throws(NetworkError) -> Void in
                guard count > 0 else { return }
                try guarded.settle(sample.works) { told throws(NetworkError) -> Difference in
                    let places = sample.places, run = try reference([image])
                    return try sample.difference(in: guarded.device.precision, telling: &told) {
                        draw throws(NetworkError) -> [[Float]] in
                        try run.scores(replacing: value, image: 0, count: places.count, keeping: { $0 }) {
                            write(places[$0], $1)
                            if draw != nil { _ = $1.update(fromContentsOf: Trial.shaken(Array($1), draw)) }
                        }
                    }
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
                    cpu, _, draw throws(NetworkError) -> any Run in
                    try again(cpu, [image], nil).resumed(replacing: value, image: 0, by: Trial.shaken(numbers, draw))
                }
            },
            settling: { (own: any Run) throws(NetworkError) -> Void in try (own as? GuardedRun)?.settle() })
    }
}
