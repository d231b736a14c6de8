/// Nodes that run as one step: an operator and the channelwise nodes, addition and rectifier fused after it.
struct FusedStep {
    /// Indices into the graph's nodes, in order.
    var nodes: [Int]
    var epilogue = Epilogue()
    /// The addend of a fused addition.
    var residual: Graph.Source?

    var last: Int { nodes.last! }
}

extension Graph {
    /// Groups the needed nodes into steps, in an order in which they can run. A value in `kept` is never swallowed.
    func fusedSteps(needed: Set<ValueID>, kept: Set<ValueID>) -> [FusedStep] {
        var absorbed = Set<Int>()
        var steps: [FusedStep] = []
        for (index, node) in nodes.enumerated()
        where !absorbed.contains(index) && node.outputs.contains(where: needed.contains) {
            var step = FusedStep(nodes: [index])
            if node.op is any EpilogueFusible {
                while let next = follower(of: step, kept: kept), !absorbed.contains(next), extend(&step, by: next) {
                    absorbed.insert(next)
                }
            }
            steps.append(step)
        }
        return steps.sorted { $0.last < $1.last }
    }

    /// The only node that reads the step's result, where nothing else wants it.
    private func follower(of step: FusedStep, kept: Set<ValueID>) -> Int? {
        let output = nodes[step.last].outputs[0]
        guard !kept.contains(output), consumers[output].count == 1 else { return nil }
        return consumers[output][0]
    }

    /// Fuses a node after a step where that can be computed as an epilogue.
    private func extend(_ step: inout FusedStep, by next: Int) -> Bool {
        guard step.epilogue.activation == nil else { return false }
        let (head, node) = (nodes[step.nodes[0]].op, nodes[next])
        if let concat = head as? Concat, !concat.joinsChannels { return false }
        let output = nodes[step.last].outputs[0]
        switch node.op {
        case let norm as BatchNormalization where (head is Conv || head is Concat) && step.nodes.count == 1:
            (step.epilogue.scale, step.epilogue.shift) = (norm.scale, norm.shift)
        case is Add where head is MatrixProduct && step.nodes.count == 1 && bias(node, after: output) != nil:
            step.epilogue.shift = bias(node, after: output)
        case is Add
        where (head is Conv || head is MatrixProduct) && !step.epilogue.addsResidual && node.operands.count == 2:
            let other = node.operands.first { $0?.value != output } ?? nil
            guard case .value(let id)? = other, values[id].shape == values[output].shape else { return false }
            (step.epilogue.addsResidual, step.residual) = (true, other)
        case let relu as Relu:
            step.epilogue.activation = relu.activation
        default:
            return false
        }
        step.nodes.append(next)
        return true
    }

    /// The constants of an addition that adds one to every column of a matrix product.
    private func bias(_ node: Node, after product: ValueID) -> [Float]? {
        guard node.operands.count == 2, values[node.outputs[0]].shape == values[product].shape,
            case .constant(let shape, let numbers)? = node.operands.first(where: { $0?.value == nil }) ?? nil,
            let columns = values[product].shape.dims.last, shape.dims.last == columns, numbers.count == columns
        else { return nil }
        return numbers.values
    }
}
