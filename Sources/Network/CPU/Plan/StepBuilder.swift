/// Turns fused steps into steps over slots, with a copy wherever an operator wants a value in another layout.
struct StepBuilder {
    private let graph: Graph
    private let request: PlanRequest
    private let kept: Set<ValueID>
    /// Values through which a gradient passes.
    let walked: Set<ValueID>
    private(set) var steps: [Plan.Step] = []
    private(set) var slots: [Plan.Slot] = []
    private(set) var slotOf: [ValueID: Int] = [:]
    /// Values that exist in a second layout too.
    private var copies: [ValueID: [Layout: Int]] = [:]

    /// - Parameter kept: what is read when all has run.
    init(graph: Graph, _ request: PlanRequest, kept: Set<ValueID>) {
        (self.graph, self.request, self.kept) = (graph, request, kept)
        walked = request.walked(in: graph)
        for source in request.sources { slotOf[source] = addSlot(source, .channelsLast) }
    }

    private mutating func addSlot(_ value: ValueID, _ layout: Layout) -> Int {
        let shape = graph.values[value].shape
        slots.append(
            .init(value: value, shape: shape, layout: shape.rank == 4 ? layout : .plain, root: slots.count))
        return slots.count - 1
    }

    mutating func add(_ step: FusedStep, _ op: any CPUOperator, kernel: @autoclosure () -> any Kernel) {
        let head = graph.nodes[step.nodes[0]]
        let last = graph.nodes[step.last]
        if let op = op as? any MovingOperator, step.nodes.count == 1, look(head, op) { return }
        let sources = (step.written.map { [.value($0.input)] } ?? head.operands) + (step.residual.map { [$0] } ?? [])
        let arriving = sources.map { $0?.value.map { arrives($0) } }
        var wanted =
            (op as? any EpilogueFusible)?.layouts(arriving, with: step.epilogue) ?? op.layouts(arriving)
        if step.isMap {
            wanted.outputs = [.channelsLast]
            if step.residual != nil { wanted.operands[wanted.operands.count - 1] = .channelsLast }
        }
        let kernel = kernel(), gradient = last.outputs.contains(where: walked.contains)
        var operands: [Plan.Place] = []
        for (index, (source, layout)) in zip(sources, wanted.operands).enumerated() {
            operands.append(
                place(source, layout) {
                    kernel.reads($0, operand: index, gradient: gradient)
                })
        }
        var outputs: [Int] = []
        for (value, layout) in zip(last.outputs, wanted.outputs) {
            outputs.append(addSlot(value, layout))
            slotOf[value] = outputs.last!
        }
        steps.append(
            .init(
                name: (step.written == nil ? head : last).name, opType: step.written?.opType ?? head.opType,
                kernel: kernel, operands: operands, outputs: outputs))
    }

    /// The layout in which a value comes, where it is not read by its strides: whether one image runs or several, so
    /// that their numbers are added in the same order.
    private func arrives(_ value: ValueID) -> Layout {
        let slot = slots[slotOf[value]!]
        guard case .strided(let strides) = slot.layout else { return slot.layout }
        return MemoryView(strides: strides).layout(of: slot.shape) ?? .plain
    }

    // MARK: Views

    /// Has the outputs of an operator that moves numbers look at those of its operand; what is kept is copied from
    /// there. Where they cannot, whether it would help that the operand were in one piece is tried, too.
    private mutating func look(_ node: Graph.Node, _ op: any MovingOperator) -> Bool {
        guard case .value(let value)? = node.operands[0] else { return false }
        let wanted = op.layouts([arrives(value)])
        var slot = slotOf[value]!
        var views = op.views(of: view(slot), slots[slot].shape)
        if views == nil {
            slot = place(.value(value), wanted.operands[0]) { _ in false }.slot!
            views = op.views(of: view(slot), slots[slot].shape)
        }
        guard let views else { return false }
        for (output, (view, layout)) in zip(node.outputs, zip(views, wanted.outputs)) {
            let own = addSlot(output, view, of: slot)
            slotOf[output] = kept.contains(output) ? copy(own, layout, named: node.name, node.opType) : own
        }
        return true
    }

    /// A slot as elements of the memory of its root.
    private func view(_ slot: Int) -> MemoryView {
        MemoryView(start: slots[slot].start, strides: slots[slot].layout.strides(of: slots[slot].shape))
    }

    private mutating func addSlot(_ value: ValueID, _ view: MemoryView, of slot: Int) -> Int {
        let shape = graph.values[value].shape, root = slots[slot].root
        // Of several images only what is whole lies in one piece.
        let isDense = request.images == 1 || shape.count == slots[root].shape.count
        let layout = isDense ? view.layout(of: shape) : nil
        slots.append(
            .init(
                value: value, shape: shape, layout: layout ?? .strided(view.strides), root: root, start: view.start))
        return slots.count - 1
    }

    /// - Parameter reads: whether strides are no matter to who wants it.
    private mutating func place(_ source: Graph.Source?, _ layout: Layout, reads: ([Int]) -> Bool) -> Plan.Place {
        switch source {
        case nil: return .absent
        case .constant(let shape, let storage): return .constant(shape, storage)
        case .value(let value):
            let first = slotOf[value]!, (shape, own) = (slots[first].shape, slots[first].layout)
            if case .strided(let strides) = own {
                if reads(strides) { return .slot(first) }
            } else if own == layout || Layout.coincide(shape) {
                return .slot(first)
            }
            if let copy = copies[value]?[layout] { return .slot(copy) }
            // What was only looked at so far is moved here.
            let mover = own.isStrided ? graph.values[value].producer.map { graph.nodes[$0] } : nil
            let copy = copy(first, layout, named: mover?.name ?? graph.values[value].name, mover?.opType ?? "Reorder")
            copies[value, default: [:]][layout] = copy
            return .slot(copy)
        }
    }

    private mutating func copy(_ slot: Int, _ layout: Layout, named name: String, _ opType: String) -> Int {
        let copy = addSlot(slots[slot].value, layout)
        steps.append(
            .init(name: name, opType: opType, kernel: Move.reorder, operands: [.slot(slot)], outputs: [copy]))
        return copy
    }

    /// The steps up to the last one whose operands and outputs, of all images, would not stay near the processor; of
    /// images apart, the steps before the first that joins some. A step through which a gradient passes is in none:
    /// there every image's values are kept.
    func prologue() -> Range<Int> {
        guard request.images > 1 else { return 0..<0 }
        if request.isApart {
            return
                0..<(steps.firstIndex { step in
                    step.kernel.mostJoined(gradient: false) > 1
                        || step.operands.contains { $0.slot.map { walked.contains(slots[$0].value) } ?? false }
                } ?? steps.count)
        }
        guard request.gradientAt.isEmpty else { return 0..<0 }
        let near = (16 << 20) / MemoryLayout<Float>.stride
        let last = steps.lastIndex { step in
            (step.operands.compactMap(\.slot) + step.outputs).reduce(0) { $0 + slots[$1].shape.count } * request.images
                > near
        }
        return 0..<(last.map { $0 + 1 } ?? 0)
    }
}
