/// A network on the processor.
public final class CPUSession: Session {
    public let graph: Graph
    private let threads: Threads
    private let planner: Planner
    private let maskBatch: Int?
    private var plans: [PlanRequest: (plan: Plan, arena: Arena)] = [:]
    private var current: (plan: Plan, arena: Arena)?

    /// - Parameters:
    ///   - threads: how many threads to compute with.
    ///   - expectedImages: how many images will be run, masked ones included: what is prepared must pay for itself.
    ///   - maskBatch: masked images a pass; nil: as many as fit into about 128 MB.
    public init(graph: Graph, threads: Int, expectedImages: Int = 1000, maskBatch: Int? = nil) {
        _ = Gemm.singleThreaded
        self.graph = graph
        self.threads = Threads(count: max(1, threads))
        self.maskBatch = maskBatch
        planner = Planner(graph: graph, threads: self.threads, expectedImages: expectedImages)
    }

    private init(_ planner: Planner, threads: Int, maskBatch: Int?) {
        (graph, self.threads, self.planner, self.maskBatch) = (
            planner.graph, Threads(count: threads), planner, maskBatch
        )
    }

    public func twin(threads: Int) -> any Session {
        CPUSession(planner, threads: max(1, threads), maskBatch: maskBatch)
    }

    public func forward(
        _ images: [[Float]], keeping layers: [ValueID], gradients: GradientScope
    ) throws(NetworkError) -> [[Float]] {
        let count = graph.inputShape.count
        for image in images where image.count != count { throw .inputSize(expected: count, found: image.count) }
        let kept = Set(layers)
        let gradientAt: Set<ValueID> =
            switch gradients {
            case .none: []
            case .layers: kept
            case .input: kept.union([graph.input])
            }
        let active = try prepare(
            PlanRequest(images: images.count, kept: kept, gradientAt: gradientAt, sources: [graph.input]))
        current = active
        for (index, image) in images.enumerated() {
            write(into: inputView(active), image: index) { channel, pixel in image[channel * self.area + pixel] }
        }
        return run(active)
    }

    public func activation(at layer: ValueID, image: Int) -> FeatureMap {
        guard let current, let slot = current.plan.slotOf[layer], current.plan.request.kept.contains(layer) else {
            preconditionFailure("activation(at:) of a layer that the last forward pass did not keep")
        }
        return FeatureMap(view(current, slot), image: image, form: graph.maps[layer])
    }

    public func gradients(
        of seeds: [[Float]], at targets: [ValueID], rule: GradientRule
    ) throws(NetworkError) -> [[FeatureMap]] {
        guard let current, Set(targets).isSubset(of: current.plan.request.gradientAt) else {
            preconditionFailure("gradients(of:at:) at values that the last forward pass was not told of")
        }
        let plan = current.plan
        for target in targets where plan.slots[plan.slotOf[target]!].gradientOffset == nil {
            throw .layerNotOnPath(graph.values[target].name)
        }
        let logits = gradientView(current, plan.slotOf[graph.logits]!)!
        for (image, seed) in seeds.enumerated() {
            precondition(seed.count == graph.classes, "a seed is as long as the logits")
            logits.image(image).update(from: seed, count: seed.count)
        }
        var found: [ValueID: [FeatureMap]] = [:]
        func collect(_ value: ValueID) {
            guard targets.contains(value), found[value] == nil else { return }
            let view = gradientView(current, plan.slotOf[value]!)!
            found[value] = seeds.indices.map { FeatureMap(view, image: $0, form: graph.maps[value]) }
        }
        for (index, begins) in plan.gradientSteps.reversed() {
            let step = plan.steps[index]
            for slot in step.outputs where plan.slotOf[plan.slots[slot].value] == slot {
                collect(plan.slots[slot].value)
            }
            if targets.allSatisfy({ found[$0] != nil }) { break }
            var overwritten: Set<Int> = []
            for root in begins {
                let operands = step.operands.indices.filter {
                    step.operands[$0].slot.map { plan.slots[$0].root } == root
                }
                if operands.count == 1, step.kernel.overwritesGradient(of: operands[0]) {
                    overwritten.insert(operands[0])
                } else {
                    let view = gradientView(current, root)!
                    threads.split(view.shape.count * plan.request.images, grain: 1 << 14) {
                        (view.base + $0.lowerBound).update(repeating: 0, count: $0.count)
                    }
                }
            }
            step.kernel.gradient(
                GradientPass(
                    images: plan.request.images,
                    operands: step.operands.map { view(current, $0) },
                    outputs: step.outputs.map { view(current, $0) },
                    dOutputs: step.outputs.map { gradientView(current, $0)! },
                    dOperands: step.operands.map { $0.slot.flatMap { gradientView(current, $0) } },
                    overwritten: overwritten,
                    rule: rule, scratch: current.arena.base + plan.scratchOffset, threads: threads))
        }
        for target in targets { collect(target) }
        return seeds.indices.map { image in targets.map { found[$0]![image] } }
    }

    public func scores(
        of image: [Float], masks: Int, mask: @Sendable (Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(NetworkError) -> [[Float]] {
        let count = graph.inputShape.count
        guard image.count == count else { throw .inputSize(expected: count, found: image.count) }
        let fitting = if let maskBatch { maskBatch } else { try batchThatFits() }
        let batch = min(masks, fitting)
        var scores: [[Float]] = []
        for start in stride(from: 0, to: masks, by: max(batch, 1)) {
            let range = start..<min(start + batch, masks)
            let active = try prepare(PlanRequest(images: range.count, kept: [], gradientAt: [], sources: [graph.input]))
            let input = inputView(active)
            threads.each(range.count) { index in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: area) { pixels in
                    mask(start + index, pixels)
                    write(into: input, image: index) { channel, pixel in image[channel * area + pixel] * pixels[pixel] }
                }
            }
            scores += run(active)
        }
        return scores
    }

    private var area: Int { graph.inputShape[2] * graph.inputShape[3] }

    /// Images a pass that keep the pass's memory at about 128 MB.
    private func batchThatFits() throws(NetworkError) -> Int {
        let one = try planner.plan(PlanRequest(images: 1, kept: [], gradientAt: [], sources: [graph.input])).arenaFloats
        return min(32, max(1, (32 << 20) / max(one, 1)))
    }

    private func prepare(_ request: PlanRequest) throws(NetworkError) -> (plan: Plan, arena: Arena) {
        if let ready = plans[request] { return ready }
        let plan = try planner.plan(request)
        let ready = (plan, Arena(floats: plan.arenaFloats))
        plans[request] = ready
        return ready
    }

    /// Times every step of a forward pass: a table to read.
    public func profile(_ images: [[Float]], runs: Int) throws(NetworkError) -> String {
        _ = try forward(images, keeping: [], gradients: .none)
        guard let active = current else { return "" }
        let clock = ContinuousClock()
        var times = active.plan.steps.map { _ in [Double]() }
        for run in 0..<max(runs, 1) {
            for index in times.indices { times[index].append(0) }
            forEachStep(active.plan) { index, images in
                let duration = clock.measure { forward(index, images, active) }
                times[index][run] += duration / .milliseconds(1)
            }
        }
        let rows = active.plan.steps.enumerated().map { index, step in
            ProfileTable.Row(
                name: step.name, opType: step.opType, shape: "\(active.plan.slots[step.outputs[0]].shape)",
                algorithm: step.kernel.algorithmName(images: index < active.plan.prologue ? 1 : images.count),
                milliseconds: times[index].sorted()[times[index].count / 2],
                operations: step.kernel.operations(images: images.count))
        }
        return ProfileTable(rows: rows, peak: threads.peakProductRate()).text
    }

    /// Calls `body(step, images)` in the order in which the plan runs.
    private func forEachStep(_ plan: Plan, _ body: (Int, Range<Int>) -> Void) {
        for image in 0..<plan.request.images { for index in 0..<plan.prologue { body(index, image..<image + 1) } }
        for index in plan.prologue..<plan.steps.count { body(index, 0..<plan.request.images) }
    }

    private func forward(_ index: Int, _ images: Range<Int>, _ active: (plan: Plan, arena: Arena)) {
        let step = active.plan.steps[index]
        step.kernel.forward(
            ForwardPass(
                images: images.count,
                operands: step.operands.map { view(active, $0, from: images.lowerBound) },
                outputs: step.outputs.map { view(active, $0, from: images.lowerBound) },
                scratch: active.arena.base + active.plan.scratchOffset, threads: threads))
    }

    private func run(_ active: (plan: Plan, arena: Arena)) -> [[Float]] {
        let plan = active.plan
        forEachStep(plan) { forward($0, $1, active) }
        let logits = view(active, plan.slotOf[graph.logits]!)
        return (0..<plan.request.images).map {
            Array(UnsafeBufferPointer(start: logits.image($0), count: graph.classes))
        }
    }

    // MARK: Views into the arena

    private func inputView(_ active: (plan: Plan, arena: Arena)) -> TensorView {
        view(active, active.plan.slotOf[graph.input]!)
    }

    /// A slot from an image on; one that holds a single image has that of the moment.
    private func view(_ active: (plan: Plan, arena: Arena), _ slot: Int, from image: Int = 0) -> TensorView {
        let slot = active.plan.slots[slot]
        let offset = slot.offset + (slot.images > 1 ? image * slot.shape.count : 0)
        return TensorView(
            base: active.arena.base + offset, shape: slot.shape, layout: slot.layout, imageStride: slot.shape.count)
    }

    private func gradientView(_ active: (plan: Plan, arena: Arena), _ slot: Int) -> TensorView? {
        let slot = active.plan.slots[slot]
        return slot.gradientOffset.map {
            TensorView(
                base: active.arena.base + $0, shape: slot.shape, layout: slot.layout, imageStride: slot.shape.count)
        }
    }

    private func view(_ active: (plan: Plan, arena: Arena), _ place: Plan.Place, from image: Int = 0) -> TensorView {
        switch place {
        case .slot(let slot): view(active, slot, from: image)
        case .constant(let view): view
        case .absent: TensorView(base: active.arena.base, shape: Shape([0]), layout: .plain, imageStride: 0)
        }
    }

    /// Fills an image of the input, pixel by pixel with its channels side by side.
    private func write(into input: TensorView, image: Int, _ value: (_ channel: Int, _ pixel: Int) -> Float) {
        let channels = input.channels
        let target = input.image(image)
        for pixel in 0..<area { for c in 0..<channels { target[pixel * channels + c] = value(c, pixel) } }
    }
}
