extension Graph {
    /// The nodes with weights (`Node.hasWeights`) on the way to the scores: the head first, then what is ever nearer to
    /// the image; of equal ones that which runs first.
    public var weightedNodes: [Int] {
        let onPath = ancestors(of: logits)
        return nodes.indices
            .filter { nodes[$0].hasWeights && onPath.contains(nodes[$0].outputs[0]) }
            .sorted { a, b in
                let (depthA, depthB) = (depths[nodes[a].outputs[0]], depths[nodes[b].outputs[0]])
                return depthA == depthB ? a < b : depthA > depthB
            }
    }

    /// The same network with other weights at some nodes; their biases, and what other nodes read of the same tensors,
    /// stay.
    ///
    /// - Parameters:
    ///   - chosen: nodes with weights.
    ///   - draw: writes the weights of number i of these, row-major as the file has them, over the node's own.
    /// - Throws: `.memory`.
    public func redrawn(
        _ chosen: [Int], _ draw: (Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(NetworkError) -> Graph {
        var graph = self
        for (number, index) in chosen.enumerated() {
            let node = nodes[index]
            guard
                let place = node.operands.prefix(2).firstIndex(where: {
                    if case .constant? = $0 { true } else { false }
                }), case .constant(let shape, let own)? = node.operands[place]
            else { continue }
            do throws(MemoryShortage) {
                let drawn = try FloatStorage(count: own.count, within: limits.memory, for: "weights drawn anew") {
                    $0.initialize(from: own.base, count: own.count)
                    draw(number, UnsafeMutableBufferPointer(start: $0, count: own.count))
                }
                graph.nodes[index].operands[place] = .constant(shape, drawn)
                graph.nodes[index].op = node.op.with(weights: drawn)
            } catch {
                throw .memory(error)
            }
        }
        return graph
    }
}
