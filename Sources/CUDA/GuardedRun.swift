import Network

/// A run on the device, which the CPU runs again where the device fails later, or does something else than the CPU.
final class GuardedRun: Run {
    let recording: Recording
    let scores: [[Float]]
    private var run: any Run
    private var isOnDevice = true
    private let session: GuardedSession
    /// The same run by another session.
    private let again: (any Session) throws(NetworkError) -> any Run

    init(
        _ run: any Run, _ session: GuardedSession, again: @escaping (any Session) throws(NetworkError) -> any Run
    ) {
        (recording, scores) = (run.recording, run.scores)
        (self.run, self.session, self.again) = (run, session, again)
    }

    private var guarded: GuardedProgram { session.guarded }

    /// Does something by the device or, where that fails, or does not agree with the CPU, by the CPU.
    ///
    /// - Parameter settle: has what the device did compared.
    private func computed<Value>(
        _ body: (any Run) throws(NetworkError) -> Value, settling settle: (Value) throws(NetworkError) -> Void
    ) throws(NetworkError) -> Value {
        if isOnDevice, guarded.replacement == nil {
            do throws(NetworkError) {
                let value = try body(run)
                try settle(value)
                if guarded.replacement == nil { return value }
            } catch {
                guard case .device = error else { throw error }
                try guarded.replace(.failed(error))
            }
        }
        if isOnDevice {
            let cpu = try session.onCPU()!
            run = try again(cpu)
            isOnDevice = false
        }
        return try body(run)
    }

    /// The CPU's run to compare with.
    private func reference() throws(NetworkError) -> any Run {
        let cpu = try guarded.reference(threads: session.threads)
        return try again(cpu)
    }

    func value(_ id: ValueID, image: Int) throws(NetworkError) -> Tensor {
        try computed(
            { run throws(NetworkError) -> Tensor in try run.value(id, image: image) },
            settling: { (_: Tensor) throws(NetworkError) -> Void in })
    }

    func gradients(
        _ cotangents: [[Float]], of images: Range<Int>, at values: [ValueID], rule: RectifierRule
    ) throws(NetworkError) -> [[Tensor]] {
        // Plain gradients at layers are part of what is compared of a run.
        let isCompared = !images.isEmpty && (rule != .plain || values.contains(guarded.graph.input))
        return try computed(
            { run throws(NetworkError) -> [[Tensor]] in
                try run.gradients(cotangents, of: images, at: values, rule: rule)
            },
            settling: { (found: [[Tensor]]) throws(NetworkError) -> Void in
                guard isCompared else { return }
                try guarded.settle(.walk(rule)) { () throws(NetworkError) -> Float in
                    let first = images.lowerBound..<images.lowerBound + 1
                    let expected = try reference().gradients([cotangents[0]], of: first, at: values, rule: rule)[0]
                    return zip(found[0], expected).reduce(0) { max($0, Trial.mean($1.0.values, $1.1.values)) }
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
                        sample.take(row)
                        return keep(row)
                    }, write)
            },
            settling: { (_: [Kept]) throws(NetworkError) -> Void in
                guard count > 0 else { return }
                try guarded.settle(.suffix) { () throws(NetworkError) -> Float in
                    let places = sample.places
                    let expected = try reference().scores(
                        replacing: value, image: image, count: places.count,
                        keeping: { (row: [Float]) -> [Float] in row }, { write(places[$0], $1) })
                    return sample.difference(from: expected)
                }
            })
    }

    func resumed(replacing value: ValueID, image: Int, by numbers: [Float]) throws(NetworkError) -> any Run {
        let (resumed, isOwn) = try computed(
            { run throws(NetworkError) -> (any Run, Bool) in
                let resumed = try run.resumed(replacing: value, image: image, by: numbers)
                return (resumed, isOnDevice)
            },
            settling: { (own: (any Run, Bool)) throws(NetworkError) -> Void in
                try guarded.settle(.resumed) { () throws(NetworkError) -> Float in
                    let expected = try reference().resumed(replacing: value, image: image, by: numbers)
                    return Trial.relative(own.0.scores[0], expected.scores[0])
                }
            })
        guard isOwn else { return resumed }
        let again = again
        return GuardedRun(resumed, session) { cpu throws(NetworkError) -> any Run in
            let run = try again(cpu)
            return try run.resumed(replacing: value, image: image, by: numbers)
        }
    }
}
