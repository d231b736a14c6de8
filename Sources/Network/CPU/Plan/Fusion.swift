/// Nodes that run as one step: an operator, or a function that is written out, and the channelwise nodes, addition and
/// function fused after it.
struct FusedStep {
    /// Indices into the graph's nodes, in order.
    var nodes: [Int]
    /// What runs instead of the first node.
    var written: WrittenFunction?
    var epilogue = Epilogue()
    /// The addend of a fused addition.
    var residual: Graph.Source?
    /// Whether a matrix product's rows are a map's pixels, which a transposition made of them: a map's channels are
    /// neighbours in memory too.
    var isMap = false

    var last: Int { nodes.last! }
}

/// Groups the needed nodes of a graph into steps.
struct Fusion {
    private let graph: Graph
    private let needed, kept, walked: Set<ValueID>
    private let written: [Int: WrittenFunction]

    /// - Parameters:
    ///   - kept: values that are never swallowed.
    ///   - walked: the values that a gradient passes.
    init(_ graph: Graph, needed: Set<ValueID>, kept: Set<ValueID>, walked: Set<ValueID>) {
        (self.graph, self.needed, self.kept, self.walked) = (graph, needed, kept, walked)
        written = graph.writtenFunctions(needed: needed, kept: kept, walked: walked)
    }

    /// In an order in which they can run.
    var steps: [FusedStep] {
        var absorbed = Set<Int>()
        var steps: [FusedStep] = []
        for (index, node) in graph.nodes.enumerated()
        where !absorbed.contains(index) && node.outputs.contains(where: needed.contains) {
            var step = FusedStep(nodes: [index])
            if let written = written[index] {
                (step.nodes, step.written) = (written.nodes, written)
            } else if node.op is any EpilogueFusible {
                while let next = follower(of: step), absorbed.isDisjoint(with: next), extend(&step, by: next) {}
                // One at the end is a step of its own.
                if graph.nodes[step.last].op is Transpose {
                    step.nodes.removeLast()
                    step.isMap = false
                }
            }
            absorbed.formUnion(step.nodes)
            steps.append(step)
        }
        return steps.sorted { $0.last < $1.last }
    }

    /// The only node that reads the step's result, or the nodes of the only function, where nothing else wants it.
    private func follower(of step: FusedStep) -> [Int]? {
        let output = graph.nodes[step.last].outputs[0]
        guard !kept.contains(output), let first = graph.consumers[output].first else { return nil }
        if let written = written[first] {
            return written.input == output && graph.consumers[output].allSatisfy(written.nodes.contains)
                ? written.nodes : nil
        }
        return graph.consumers[output].count == 1 ? [first] : nil
    }

    /// Fuses a node, or those of a function, after a step where that can be computed as an epilogue.
    private func extend(_ step: inout FusedStep, by next: [Int]) -> Bool {
        guard step.epilogue.function == nil else { return false }
        let (head, node) = (graph.nodes[step.nodes[0]].op, graph.nodes[next[0]])
        if let concat = head as? Concat, !concat.joinsChannels { return false }
        let output = graph.nodes[step.last].outputs[0]
        // Of what the kernels of products apply to their results.
        let isProduct = head is Conv || head is MatrixProduct
        let scales = isProduct && !step.epilogue.addsResidual
        if let function = function(next) {
            guard !walked.contains(output), VectorFunction(function) != nil else { return false }
            step.epilogue.function = .function(function)
        } else if scales, let constants = constants(node, after: step) {
            guard let followed = step.epilogue.followed(by: constants) else { return false }
            step.epilogue = followed
        } else {
            switch node.op {
            case let norm as BatchNormalization where (head is Conv || head is Concat) && step.nodes.count == 1:
                (step.epilogue.scale, step.epilogue.shift) = (norm.scale, norm.shift)
            case is Add where scales && node.operands.count == 2:
                let other = node.operands.first { $0?.value != output } ?? nil
                guard case .value(let id)? = other, graph.values[id].shape == graph.values[output].shape else {
                    return false
                }
                (step.epilogue.addsResidual, step.residual) = (true, other)
            case let transpose as Transpose
            where scales && transpose.permutation == [0, 3, 1, 2] && (head as? MatrixProduct)?.addendFactor == nil:
                guard head is MatrixProduct, !step.isMap else { return false }
                step.isMap = true
            case let relu as Relu:
                step.epilogue.function = .clip(relu.activation)
            default:
                return false
            }
        }
        step.nodes += next
        return true
    }

    /// The function that nodes compute, of one operand.
    private func function(_ nodes: [Int]) -> UnaryFunction? {
        written[nodes[0]]?.function ?? (graph.nodes[nodes[0]].op as? Unary)?.function
    }

    /// What a node multiplies with every channel of a step's result, or adds to it: constants.
    private func constants(_ node: Graph.Node, after step: FusedStep) -> ChannelConstants? {
        let shape = graph.values[graph.nodes[step.last].outputs[0]].shape
        let axis = step.isMap || graph.nodes[step.nodes[0]].op is Conv ? 1 : shape.rank - 1
        guard node.operands.count == 2, shape.rank > axis, axis >= 0, graph.values[node.outputs[0]].shape == shape,
            let place = node.operands.firstIndex(where: { $0?.value == nil }),
            case .constant(let own, let numbers)? = node.operands[place]
        else { return nil }
        // The last axis of a product by a vector is that of its rows.
        if let product = graph.nodes[step.nodes[0]].op as? MatrixProduct, product.n != shape[axis] { return nil }
        let aligned = axis - (shape.rank - own.rank)
        var values = [Float](repeating: numbers.count == 1 ? numbers[0] : 0, count: shape[axis])
        if numbers.count != 1 {
            guard aligned >= 0, own[aligned] == shape[axis], numbers.count == shape[axis] else { return nil }
            values = numbers.values
        }
        switch node.op {
        case is Add: return .added(values)
        case let binary as Binary where binary.kind == .mul: return .multiplied(values)
        case let binary as Binary where binary.kind == .div && place == 1:
            let factors = values.map { 1 / $0 }
            return factors.allSatisfy(\.isNormal) ? .multiplied(factors) : nil
        default: return nil
        }
    }
}

/// One number a channel.
enum ChannelConstants {
    case added([Float])
    case multiplied([Float])
}
