import ONNX

/// An order of nodes in which each reads only what stands before it.
struct NodeOrder {
    /// Places in the file's list: its own order, but for nodes that are read too early, which come just before the
    /// first that reads them.
    private(set) var places: [Int] = []
    /// Nodes that wait for one another, each reading the next one's result and the last one the first one's.
    private(set) var cycles: [[Int]] = []

    /// - Parameter isKnown: whether a tensor is there before any of the nodes has run.
    init(_ nodes: [NodeDef], isKnown: (String) -> Bool) {
        var producers: [String: Int] = [:]
        for (place, node) in nodes.enumerated() {
            for output in node.outputs where !output.isEmpty && producers[output] == nil && !isKnown(output) {
                producers[output] = place
            }
        }
        let reads = nodes.map { node in Set(node.reads.compactMap { producers[$0] }).sorted() }
        enum State { case new, open, done }
        var state = [State](repeating: .new, count: nodes.count), onCycle = Set<Int>()
        for start in nodes.indices where state[start] == .new {
            // Files may be of any depth: the way down is kept here, not on the machine's stack.
            var path = [(node: start, next: 0)]
            state[start] = .open
            while let (node, next) = path.last {
                guard next < reads[node].count else {
                    state[node] = .done
                    places.append(node)
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let source = reads[node][next]
                switch state[source] {
                case .new:
                    state[source] = .open
                    path.append((source, 0))
                case .open where onCycle.isDisjoint(with: [node, source]):
                    let cycle = path.drop { $0.node != source }.map(\.node)
                    cycles.append(cycle)
                    onCycle.formUnion(cycle)
                case .open, .done: break
                }
            }
        }
    }

    /// Those tensors, and all that nodes read on the way to them.
    func reads(for results: Set<String>, of nodes: [NodeDef]) -> Set<String> {
        places.reversed().reduce(into: results) { read, place in
            if !read.isDisjoint(with: nodes[place].outputs) { read.formUnion(nodes[place].reads) }
        }
    }
}
