/// Turns fused steps into steps over slots, with a copy wherever an operator wants a value in another layout.
struct StepBuilder {
    private let graph: Graph
    private(set) var steps: [Plan.Step] = []
    private(set) var slots: [Plan.Slot] = []
    private(set) var slotOf: [ValueID: Int] = [:]
    /// Values that exist in a second layout too.
    private var copies: [ValueID: [Layout: Int]] = [:]

    init(graph: Graph, sources: [ValueID]) {
        self.graph = graph
        for source in sources { slotOf[source] = addSlot(source, .channelsLast) }
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
        case nil: return .absent
        case .constant(let shape, let storage): return .constant(shape, storage)
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

    /// The steps up to the last one whose operands and outputs, of all images, would not stay near the processor; of
    /// images apart, the steps before the first that joins some. A step through which a gradient passes is in none:
    /// there every image's values are kept.
    func prologue(_ request: PlanRequest) -> Range<Int> {
        guard request.images > 1 else { return 0..<0 }
        if request.isApart {
            let walked = graph.descendants(of: Array(request.gradientAt))
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
