import Network

/// A forward pass on a card, with what it recorded in the card's memory.
final class CUDARun: Run {
    let recording: Recording
    let scores: [[Float]]
    private let execution: Execution
    private let session: CUDASession
    /// Each pass of the last gradients.
    private(set) var walked: [PassKind] = []

    init(_ execution: Execution, _ session: CUDASession, _ recording: Recording) throws(NetworkError) {
        (self.execution, self.session, self.recording) = (execution, session, recording)
        scores = try execution.scores()
    }

    private var graph: Graph { session.graph }

    func value(_ id: ValueID, image: Int) throws(NetworkError) -> Tensor {
        guard recording.kept.contains(id) else { throw .notRecorded(graph.values[id].name) }
        precondition((0..<execution.images).contains(image), "an image of the run")
        return Tensor(shape: graph.values[id].shape, values: try execution.numbers(of: id, image: image))
    }

    func gradients(
        _ cotangents: [[Float]], of images: Range<Int>, at values: [ValueID], rule: RectifierRule
    ) throws(NetworkError) -> [[Tensor]] {
        precondition(cotangents.count == images.count, "one row of cotangents an image")
        precondition((0..<execution.images).contains(images), "images of the run")
        guard !values.isEmpty else { return cotangents.map { _ in [] } }
        for value in values {
            let name = graph.values[value].name
            guard recording.gradients.contains(value) else { throw .notRecorded(name) }
            guard execution.plan.onPath.contains(value) else { throw .layerNotOnPath(name) }
        }
        for cotangent in cotangents {
            precondition(cotangent.count == graph.numbers, "a cotangent is as long as the logits")
        }
        let found: [ValueID: [[Float]]]
        do throws(NetworkError) {
            found = try execution.gradients(cotangents, of: images, at: values, rule: rule)
            walked = [PassKind(images: images.count, left: session.left)]
        } catch {
            guard error.isShortage, images.count > 1 else { throw error }
            let half = images.count / 2, middle = images.lowerBound + half
            let first = try gradients(
                Array(cotangents[..<half]), of: images.lowerBound..<middle, at: values, rule: rule)
            let passes = walked
            let second = try gradients(
                Array(cotangents[half...]), of: middle..<images.upperBound, at: values, rule: rule)
            walked = passes + walked
            return first + second
        }
        return images.indices.map { image in
            values.map { Tensor(shape: graph.values[$0].shape, values: found[$0]![image - images.lowerBound]) }
        }
    }

    func scores<Kept>(
        replacing value: ValueID, image: Int, count: Int, keeping keep: ([Float]) -> Kept,
        _ write: @Sendable (Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(NetworkError) -> [Kept] {
        let sides = try sides(of: value)
        let kept = sides.map { ($0, execution.place($0, from: image)!) }
        return try session.stream(count, from: value, beside: kept, keeping: keep, write: write)
    }

    func resumed(replacing value: ValueID, image: Int, by numbers: [Float]) throws(NetworkError) -> any Run {
        precondition(numbers.count == graph.values[value].shape.count, "as many numbers as the value has")
        let sides = try sides(of: value), stream = execution.stream
        // The caller may be another thread than the one that ran.
        try session.cuda.card.enter()
        var sources: [ValueID: Buffer] = [:]
        for side in sides {
            let count = graph.values[side].shape.count
            sources[side] = try stream.pool.take(count)
            try stream.copy(execution.place(side, from: image)!.address, to: sources[side]!.address, count)
        }
        sources[value] = try stream.pool.take(numbers.count)
        try stream.upload(numbers, to: sources[value]!.address)
        return try session.run(
            PlanRequest(sources: [value] + sides, gradientAt: [value]), images: 1, sources: sources,
            Recording(gradients: [value]))
    }

    /// What the nodes downstream of a value read besides it.
    private func sides(of value: ValueID) throws(NetworkError) -> [ValueID] {
        guard recording.resumable.contains(value) else { throw .notRecorded(graph.values[value].name) }
        return try graph.sideInputs(of: value)
    }
}
