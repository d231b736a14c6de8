import Synchronization

/// What a plan is made for.
struct PlanRequest: Hashable {
    var images: Int
    /// Values read after the pass besides the logits.
    var kept: Set<ValueID>
    /// Values whose gradient will be asked for; empty for a forward pass alone.
    var gradientAt: Set<ValueID>
    /// Values that are given instead of computed: the input.
    var sources: [ValueID]
}

/// Everything decided before a network runs: steps, layouts and a place in one allocation for every buffer.
struct Plan {
    /// A value in one layout. Views share the slot's memory of what they look at.
    struct Slot {
        let value: ValueID
        let shape: Shape
        let layout: Layout
        /// The slot whose memory this one is; its own index where it is nobody's view.
        let root: Int
        /// How many images it holds.
        var images = 1
        var offset = 0
        /// Where the gradient is summed up; nil where none passes.
        var gradientOffset: Int?
    }

    enum Place {
        case slot(Int)
        case constant(TensorView)
        case absent

        var slot: Int? { if case .slot(let index) = self { index } else { nil } }
    }

    struct Step {
        let name: String
        let opType: String
        let kernel: any Kernel
        let operands: [Place]
        let outputs: [Int]
    }

    let request: PlanRequest
    let steps: [Step]
    /// How many steps at the beginning run image by image, before the rest runs on all images at once.
    var prologue = 0
    var slots: [Slot]
    /// The slot in which each value was first put.
    let slotOf: [ValueID: Int]
    var arenaFloats = 0
    var scratchOffset = 0

    /// Steps whose gradient runs, in forward order, with the slots whose gradient begins at each (to be set to zero
    /// first).
    var gradientSteps: [(step: Int, begins: [Int])] = []
}

/// Builds plans for one graph; kernels (with their packed weights) are shared among all of them, in whatever thread
/// they run.
final class Planner: Sendable {
    private struct KernelKey: Hashable {
        let node: Int
        let epilogue: Epilogue
    }

    let graph: Graph
    let threads: Threads
    let expectedImages: Int
    private let kernels = Mutex<[KernelKey: any Kernel]>([:])

    init(graph: Graph, threads: Threads, expectedImages: Int) {
        (self.graph, self.threads, self.expectedImages) = (graph, threads, expectedImages)
    }

    func plan(_ request: PlanRequest) throws(NetworkError) -> Plan {
        var builder = StepBuilder(graph: graph, request: request)
        let kept = request.kept.union([graph.logits]).union(request.gradientAt)
        var needed = Set(kept)
        for value in kept { needed.formUnion(graph.ancestors(of: value)) }
        for step in graph.fusedSteps(needed: needed, kept: kept) {
            let op = try graph.nodes[step.nodes[0]].onCPU
            builder.add(step, op, kept: kept, kernel: kernel(step, op))
        }
        var plan = Plan(request: request, steps: builder.steps, slots: builder.slots, slotOf: builder.slotOf)
        plan.prologue = prologue(plan)
        allocate(&plan)
        return plan
    }

    private func kernel(_ step: FusedStep, _ op: any CPUOperator) -> any Kernel {
        let key = KernelKey(node: step.nodes[0], epilogue: step.epilogue)
        return kernels.withLock { kernels in
            if let kernel = kernels[key] { return kernel }
            let kernel = op.kernel(
                KernelSite(epilogue: step.epilogue, expectedImages: expectedImages, threads: threads))
            kernels[key] = kernel
            return kernel
        }
    }

    /// The steps up to the last one whose operands and outputs, of all images, would not stay near the processor. A
    /// plan with
    /// gradients has none: there every image's values are kept.
    private func prologue(_ plan: Plan) -> Int {
        guard plan.request.images > 1, plan.request.gradientAt.isEmpty else { return 0 }
        let near = (16 << 20) / MemoryLayout<Float>.stride
        let last = plan.steps.lastIndex { step in
            (step.operands.compactMap(\.slot) + step.outputs).reduce(0) { $0 + plan.slots[$1].shape.count }
                * plan.request.images > near
        }
        return last.map { $0 + 1 } ?? 0
    }

    /// Times: step i runs forward at i and backward at 2 * steps - i; the gradient of the scores is put in at `steps`.
    private func allocate(_ plan: inout Plan) {
        let count = plan.steps.count
        let end = 2 * count + 1
        var life = [ClosedRange<Int>?](repeating: nil, count: plan.slots.count)
        func use(_ slot: Int, at time: Int) {
            let root = plan.slots[slot].root
            life[root] = life[root].map { min($0.lowerBound, time)...max($0.upperBound, time) } ?? time...time
        }
        for slot in plan.slots.indices where plan.request.sources.contains(plan.slots[slot].value) { use(slot, at: 0) }
        for (index, step) in plan.steps.enumerated() {
            for slot in step.operands.compactMap(\.slot) + step.outputs { use(slot, at: index) }
        }
        for value in plan.request.kept.union([graph.logits]) { use(plan.slotOf[value]!, at: end) }
        let images = plan.request.images
        // What enters the prologue or leaves it holds every image, as long as the prologue runs.
        let sources = Set(plan.request.sources.map { plan.slots[plan.slotOf[$0]!].root })
        for slot in plan.slots.indices where life[slot] != nil {
            guard sources.contains(slot) || life[slot]!.upperBound >= plan.prologue else { continue }
            plan.slots[slot].images = images
            guard life[slot]!.lowerBound < plan.prologue else { continue }
            life[slot] = 0...max(life[slot]!.upperBound, plan.prologue - 1)
        }

        // The gradient walks only from the scores to where it is wanted.
        let gradientAt = plan.request.gradientAt
        let live =
            gradientAt.isEmpty
            ? [] : graph.descendants(of: Array(gradientAt)).intersection(graph.ancestors(of: graph.logits))
        var gradientLife: [Int: ClosedRange<Int>] = [:]
        func isLive(_ slot: Int) -> Bool { live.contains(plan.slots[slot].value) }
        if !live.isEmpty { gradientLife[plan.slots[plan.slotOf[graph.logits]!].root] = count...count }
        for index in plan.steps.indices.reversed() {
            let step = plan.steps[index]
            guard step.outputs.contains(where: { isLive($0) && gradientLife[plan.slots[$0].root] != nil }),
                step.operands.contains(where: { $0.slot.map(isLive) ?? false })
            else { continue }
            let time = 2 * count - index
            var begins: [Int] = []
            for slot in step.outputs + step.operands.compactMap(\.slot).filter(isLive) {
                let root = plan.slots[slot].root
                if let before = gradientLife[root] {
                    gradientLife[root] = before.lowerBound...time
                } else {
                    gradientLife[root] = time...time
                    begins.append(root)
                }
            }
            // To the end, not until this step: the gradient may walk again, for another class or by another rule.
            if step.kernel.gradientReads.contains(.operands) {
                step.operands.compactMap(\.slot).forEach { use($0, at: end) }
            }
            if step.kernel.gradientReads.contains(.outputs) { step.outputs.forEach { use($0, at: end) } }
            plan.gradientSteps.append((index, begins))
        }
        plan.gradientSteps.reverse()
        // What no step produces is read when the walk has ended.
        for value in gradientAt {
            let root = plan.slots[plan.slotOf[value]!].root
            if let before = gradientLife[root] { gradientLife[root] = before.lowerBound...end }
        }

        let roots = plan.slots.indices.filter { life[$0] != nil && plan.slots[$0].root == $0 }
        let gradientRoots = gradientLife.keys.sorted()
        var layout = ArenaLayout()
        let offsets = layout.place(
            roots.map { (plan.slots[$0].shape.count * plan.slots[$0].images, life[$0]!) }
                + gradientRoots.map { (plan.slots[$0].shape.count * images, gradientLife[$0]!) })
        for (root, offset) in zip(roots, offsets) { plan.slots[root].offset = offset }
        for (root, offset) in zip(gradientRoots, offsets.dropFirst(roots.count)) {
            plan.slots[root].gradientOffset = offset
        }
        for slot in plan.slots.indices {
            let root = plan.slots[slot].root
            plan.slots[slot].offset = plan.slots[root].offset
            plan.slots[slot].images = plan.slots[root].images
            plan.slots[slot].gradientOffset = plan.slots[root].gradientOffset
        }
        plan.scratchOffset = layout.size
        plan.arenaFloats =
            layout.size
            + (plan.steps.enumerated().map { index, step in
                step.kernel.scratch(images: index < plan.prologue ? 1 : images, threads: threads.count)
            }.max() ?? 0)
    }
}

/// Turns fused steps into steps over slots, with a copy wherever an operator wants a value in another layout.
private struct StepBuilder {
    let graph: Graph
    var steps: [Plan.Step] = []
    var slots: [Plan.Slot] = []
    var slotOf: [ValueID: Int] = [:]
    /// Values that exist in a second layout too.
    private var copies: [ValueID: [Layout: Int]] = [:]

    init(graph: Graph, request: PlanRequest) {
        self.graph = graph
        for source in request.sources {
            slotOf[source] = addSlot(source, graph.values[source].shape.rank == 4 ? .channelsLast : .plain)
        }
    }

    private mutating func addSlot(_ value: ValueID, _ layout: Layout, root: Int? = nil) -> Int {
        let shape = graph.values[value].shape
        slots.append(
            .init(value: value, shape: shape, layout: shape.rank == 4 ? layout : .plain, root: root ?? slots.count))
        return slots.count - 1
    }

    mutating func add(
        _ step: FusedStep, _ op: any CPUOperator, kept: Set<ValueID>, kernel: @autoclosure () -> any Kernel
    ) {
        let head = graph.nodes[step.nodes[0]]
        let last = graph.nodes[step.last]
        let sources = head.operands + (step.residual.map { [$0] } ?? [])
        let arriving = sources.map { $0?.value.map { slots[slotOf[$0]!].layout } }
        let wanted =
            (op as? any EpilogueFusible)?.layouts(arriving, with: step.epilogue) ?? op.layouts(arriving)
        var operands: [Plan.Place] = []
        for (source, layout) in zip(sources, wanted.operands) { operands.append(place(source, layout)) }

        if op.isView, let source = operands.first?.slot, !kept.contains(last.outputs[0]) {
            slotOf[last.outputs[0]] = addSlot(last.outputs[0], wanted.outputs[0], root: slots[source].root)
            return
        }
        var outputs: [Int] = []
        for (value, layout) in zip(last.outputs, wanted.outputs) {
            outputs.append(addSlot(value, layout))
            slotOf[value] = outputs.last!
        }
        steps.append(
            .init(name: head.name, opType: head.opType, kernel: kernel(), operands: operands, outputs: outputs))
    }

    private mutating func place(_ source: Graph.Source?, _ layout: Layout) -> Plan.Place {
        switch source {
        case nil:
            return .absent
        case .constant(let shape, let storage):
            return .constant(
                TensorView(
                    base: UnsafeMutablePointer(mutating: storage.base), shape: shape, layout: .plain, imageStride: 0))
        case .value(let value):
            let first = slotOf[value]!
            guard slots[first].layout != layout, !Layout.coincide(slots[first].shape) else { return .slot(first) }
            if let copy = copies[value]?[layout] { return .slot(copy) }
            let copy = addSlot(value, layout)
            copies[value, default: [:]][layout] = copy
            steps.append(
                .init(
                    name: graph.values[value].name, opType: "Reorder", kernel: Reorder(), operands: [.slot(first)],
                    outputs: [copy]))
            return .slot(copy)
        }
    }
}
