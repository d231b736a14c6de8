import Network

/// What a pass runs, and when each value's memory is free again.
struct PlanRequest: Hashable {
    /// Values that are given.
    var sources: [ValueID]
    /// Values that are read when all has run, besides the logits.
    var kept: Set<ValueID> = []
    /// Values at which gradients will be asked for.
    var gradientAt: Set<ValueID> = []
}

struct Plan {
    /// The nodes that run, in order.
    let nodes: [Int]
    /// Values that no node after the one at this place in `nodes` reads, and nothing keeps.
    let released: [[ValueID]]
    /// Values through which a gradient passes.
    let onPath: Set<ValueID>

    init(_ request: PlanRequest, _ program: CUDAProgram) {
        let graph = program.graph, sources = Set(request.sources)
        var kept = request.kept.union(request.gradientAt).union([graph.logits])
        let needed = graph.needed(for: kept, after: sources)
        let onPath = graph.descendants(of: Array(request.gradientAt)).intersection(graph.ancestors(of: graph.logits))
        let nodes = graph.nodes.indices.filter { node in
            graph.nodes[node].outputs.contains { needed.contains($0) && !sources.contains($0) }
        }
        for index in nodes {
            let node = graph.nodes[index], op = program.op(index)
            guard node.outputs.contains(where: onPath.contains),
                node.operands.contains(where: { $0?.value.map(onPath.contains) ?? false })
            else { continue }
            if op.gradientReads.contains(.operands) { kept.formUnion(node.operands.compactMap { $0?.value }) }
            if op.gradientReads.contains(.outputs) { kept.formUnion(node.outputs) }
        }
        var last: [ValueID: Int] = [:]
        for (place, index) in nodes.enumerated() {
            for value in graph.nodes[index].operands.compactMap({ $0?.value }) + graph.nodes[index].outputs {
                last[value] = place
            }
        }
        var released = [[ValueID]](repeating: [], count: nodes.count)
        for (value, place) in last where !kept.contains(value) { released[place].append(value) }
        (self.nodes, self.released, self.onPath) = (nodes, released, onPath)
    }
}

extension Graph {
    /// The values that `targets` are computed from (which count themselves), no further back than `sources`.
    fileprivate func needed(for targets: Set<ValueID>, after sources: Set<ValueID>) -> Set<ValueID> {
        var found = targets
        for node in nodes.reversed() where node.outputs.contains(where: { found.contains($0) && !sources.contains($0) })
        {
            found.formUnion(node.operands.compactMap { $0?.value })
        }
        return found
    }
}
