/// A function of one value that a file writes out as several elementwise nodes.
struct WrittenFunction {
    /// Indices into the graph's nodes, in order; the last one gives the result.
    var nodes: [Int]
    let input: ValueID
    let function: UnaryFunction

    /// ONNX's name of the operator that is the same.
    var opType: String {
        switch function {
        case .gelu: "Gelu"
        case .swish: "Swish"
        case .mish: "Mish"
        case .hardSwish: "HardSwish"
        default: "HardSigmoid"
        }
    }
}

extension Graph {
    /// The written functions of a plan, by each of their nodes. What lies between the nodes of one is read by nobody
    /// else: it is needed, not given, not kept.
    ///
    /// - Parameter walked: the values that a gradient passes. A rectifier that it passes stays by itself, as rules apply
    ///   to it.
    func writtenFunctions(needed: Set<ValueID>, kept: Set<ValueID>, walked: Set<ValueID>) -> [Int: WrittenFunction] {
        var found: [Int: WrittenFunction] = [:]
        // From the end, so that the longest is found first.
        for last in nodes.indices.reversed()
        where found[last] == nil && nodes[last].outputs.contains(where: needed.contains) {
            guard let written = writtenFunction(endingAt: last), written.nodes.allSatisfy({ found[$0] == nil }),
                written.nodes.dropLast().allSatisfy({ index in
                    let output = nodes[index].outputs[0]
                    return needed.contains(output) && !kept.contains(output)
                        && consumers[output].allSatisfy(written.nodes.contains)
                }),
                !walked.contains(written.input)
                    || !written.nodes.contains(where: { (nodes[$0].op as? Relu)?.activation.low == 0 })
            else { continue }
            for index in written.nodes { found[index] = written }
        }
        return found
    }

    /// The function of which a node computes the last step, of some value before it.
    private func writtenFunction(endingAt last: Int) -> WrittenFunction? {
        switch nodes[last].op {
        case is Relu: break
        case let binary as Binary where binary.kind == .mul || binary.kind == .div: break
        default: return nil
        }
        let before = ElementwiseNodes(graph: self)
        for input in before.candidates(before: last).reversed() {
            var known: [ValueID: Terms?] = [:], own: Set<Int> = []
            if let terms = before.terms(of: nodes[last].outputs[0], in: input, &known, &own),
                let function = terms.function, own.count > 1
            {
                return WrittenFunction(nodes: own.sorted(), input: input, function: function)
            }
        }
        return nil
    }
}

/// Reads elementwise nodes as terms in a value.
private struct ElementwiseNodes {
    let graph: Graph
    /// The most nodes in a row that make up a function.
    private static let depth = 8

    /// The values from which so few elementwise nodes lead to a node, the nearest first; none where all of these nodes
    /// only add and multiply.
    func candidates(before last: Int) -> [ValueID] {
        var (found, front): ([ValueID], [Int]) = ([], [last])
        var bends = graph.nodes[last].op is Relu
        for _ in 0..<Self.depth {
            let values = front.flatMap { graph.nodes[$0].operands.compactMap { $0?.value } }
            front = []
            for value in values where !found.contains(value) && sharesShape(value, last) {
                found.append(value)
                if let producer = graph.values[value].producer, isElementwise(producer) {
                    front.append(producer)
                    bends = bends || graph.nodes[producer].op is Unary || graph.nodes[producer].op is Relu
                }
            }
        }
        return bends ? found : []
    }

    private func sharesShape(_ value: ValueID, _ node: Int) -> Bool {
        graph.values[value].shape == graph.values[graph.nodes[node].outputs[0]].shape
    }

    private func isElementwise(_ node: Int) -> Bool {
        let op = graph.nodes[node].op
        return op is Unary || op is Binary || op is Add || op is Relu
    }

    /// A value as terms in another, of those that are `known` already; the nodes between them are added to `own`.
    func terms(
        of value: ValueID, in input: ValueID, _ known: inout [ValueID: Terms?], _ own: inout Set<Int>, depth: Int = 0
    ) -> Terms? {
        if value == input { return .input }
        if let terms = known[value] { return terms }
        let terms = newTerms(of: value, in: input, &known, &own, depth: depth)
        known[value] = .some(terms)
        return terms
    }

    private func newTerms(
        of value: ValueID, in input: ValueID, _ known: inout [ValueID: Terms?], _ own: inout Set<Int>, depth: Int
    ) -> Terms? {
        guard depth < Self.depth, let index = graph.values[value].producer, isElementwise(index) else { return nil }
        let node = graph.nodes[index]
        var operands: [Terms] = []
        for operand in node.op is Relu ? Array(node.operands.prefix(1)) : node.operands {
            switch operand {
            case .value(let id)? where graph.values[id].shape == graph.values[value].shape:
                guard let terms = terms(of: id, in: input, &known, &own, depth: depth + 1) else { return nil }
                operands.append(terms)
            case .constant(let shape, let numbers)?
            where shape.count == 1 && shape.rank <= graph.values[value].shape.rank:
                operands.append(.constant(Double(numbers[0])))
            default: return nil
            }
        }
        own.insert(index)
        guard let first = operands.first else { return nil }
        switch (node.op, operands.count) {
        case (let relu as Relu, _): return first.clipped(relu.activation)
        case (let unary as Unary, _): return first.applying(unary.function)
        case (is Add, 2): return first + operands[1]
        case (let binary as Binary, 2): return first.combined(binary.kind, operands[1])
        default: return nil
        }
    }
}
