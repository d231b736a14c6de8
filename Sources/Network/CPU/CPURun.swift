/// A forward pass on the processor, with the memory that it recorded in.
final class CPURun: Run {
    let recording: Recording
    let execution: Execution
    private let session: CPUSession

    init(_ execution: Execution, _ session: CPUSession, _ recording: Recording) {
        (self.execution, self.session, self.recording) = (execution, session, recording)
    }

    private var graph: Graph { session.graph }
    private var plan: Plan { execution.plan }

    var scores: [[Float]] { execution.scores(of: graph) }

    func value(_ id: ValueID, image: Int) throws(NetworkError) -> Tensor {
        guard recording.kept.contains(id) else { throw .notRecorded(graph.values[id].name) }
        return kept(id, image)
    }

    private func kept(_ id: ValueID, _ image: Int) -> Tensor {
        precondition((0..<execution.images).contains(image), "an image of the run")
        return Tensor(shape: graph.values[id].shape, values: execution.view(plan.slotOf[id]!).plainCopy(image: image))
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
            guard plan.slots[plan.slotOf[value]!].gradientOffset != nil else { throw .layerNotOnPath(name) }
        }
        let logits = execution.gradientView(plan.slotOf[graph.logits]!)!
        for (image, cotangent) in zip(images, cotangents) {
            precondition(cotangent.count == graph.numbers, "a cotangent is as long as the logits")
            logits.write(image: image, plain: cotangent)
        }
        // A gradient is complete when the walk comes to the step that gives its value; from there on its memory may
        // serve others.
        var found: [ValueID: [Tensor]] = [:]
        func collect(_ value: ValueID) {
            guard values.contains(value), found[value] == nil else { return }
            let view = execution.gradientView(plan.slotOf[value]!)!
            found[value] = images.map {
                Tensor(shape: view.shape, values: view.plainCopy(image: $0))
            }
        }
        OpenBLAS.onOneThread {
            for step in plan.gradientSteps {
                for slot in plan.steps[step.index].outputs where plan.slotOf[plan.slots[slot].value] == slot {
                    collect(plan.slots[slot].value)
                }
                if values.allSatisfy({ found[$0] != nil }) { break }
                execution.gradient(step, of: images, rule: rule)
            }
        }
        for value in values { collect(value) }
        return cotangents.indices.map { image in values.map { found[$0]![image] } }
    }

    func scores<Kept>(
        replacing value: ValueID, image: Int, count: Int, keeping keep: ([Float]) -> Kept,
        _ write: @Sendable (Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(NetworkError) -> [Kept] {
        let (sources, kept) = try suffix(of: value, image)
        return try session.stream(count, from: sources, keeping: keep) { execution, images in
            execution.write(value) { write(images.lowerBound + $0, $1) }
            for (side, numbers) in kept { execution.write(side) { _ = $1.update(fromContentsOf: numbers) } }
        }
    }

    func resumed(replacing value: ValueID, image: Int, by numbers: [Float]) throws(NetworkError) -> any Run {
        precondition(numbers.count == graph.values[value].shape.count, "as many numbers as the value has")
        let (sources, kept) = try suffix(of: value, image)
        return try session.run(
            kept + [(value, numbers)], PlanRequest(images: 1, gradientAt: [value], sources: sources))
    }

    /// What a suffix run is given, and this run's numbers for all of it but the value itself.
    private func suffix(
        of value: ValueID, _ image: Int
    ) throws(NetworkError) -> (sources: [ValueID], kept: [(ValueID, [Float])]) {
        guard recording.resumable.contains(value) else { throw .notRecorded(graph.values[value].name) }
        let sides = try graph.sideInputs(of: value)
        return ([value] + sides, sides.map { ($0, kept($0, image).values) })
    }
}
