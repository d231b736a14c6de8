extension Graph {
    /// What of a value the scores depend on.
    enum Reading: Int, Comparable {
        case nothing, extraTokens, places
        static func < (a: Reading, b: Reading) -> Bool { a.rawValue < b.rawValue }
    }

    /// The values that all which the scores see of the photo's places passes, first to last: what dominates, in the
    /// graph of the nodes that read places, every one after which only extra tokens are read. And what is read of every
    /// value.
    ///
    /// Dominators of an acyclic graph, node by node: Cooper, Harvey and Kennedy 2001, "A Simple, Fast Dominance
    /// Algorithm".
    func passages() -> (values: [ValueID], readings: [Reading]) {
        var readings = [Reading](repeating: .nothing, count: values.count)
        readings[logits] = .places
        for node in nodes.reversed() {
            let reading = node.outputs.map { readings[$0] }.max() ?? .nothing
            guard reading > .nothing else { continue }
            for (place, source) in node.operands.enumerated() {
                guard let operand = source?.value else { continue }
                readings[operand] = max(readings[operand], self.reading(of: operand, at: place, by: node, reading))
            }
        }
        var tree = Dominators(root: input, count: values.count)
        var end: ValueID?
        for node in nodes {
            let reading = node.outputs.map { readings[$0] }.max() ?? .nothing
            guard reading > .nothing else { continue }
            var passed: ValueID?
            for (place, source) in node.operands.enumerated() {
                guard let operand = source?.value, tree.holds(operand),
                    self.reading(of: operand, at: place, by: node, reading) == .places
                else { continue }
                passed = passed.map { tree.common($0, operand) } ?? operand
            }
            guard let passed else { continue }
            for output in node.outputs { tree.add(output, under: passed) }
            if reading < .places { end = end.map { tree.common($0, passed) } ?? passed }
        }
        if tree.holds(logits) { end = end.map { tree.common($0, logits) } ?? logits }
        return (end.map { tree.path(to: $0) } ?? [], readings)
    }

    /// What a node reads of an operand, of whose output `reading` is read.
    private func reading(of operand: ValueID, at place: Int, by node: Node, _ reading: Reading) -> Reading {
        // What no gradient passes is read by no method.
        if node.op.numberEffect == .decided || (node.op is Where && place == 0) { return .nothing }
        guard let form = maps[operand], let tokens = form.tokens, let axis = form.axes.first else { return .places }
        func reach(_ places: [Int]) -> Reading { places.contains(where: tokens.contains) ? .places : .extraTokens }
        switch node.op.spatialEffect {
        case .gather(let outer, let extent, _) where isAlong(axis, of: operand, outer, extent):
            return reach(taken(from: operand, along: axis, by: node))
        case .slice where maps[node.outputs[0]] == nil:
            return reach(taken(from: operand, along: axis, by: node))
        // A product's second operand is read by all rows of the output.
        case .rows where place == 1: return .places
        // Rows of the output come from the same rows of the operand.
        default: return maps[node.outputs[0]]?.tokens != nil ? reading : .places
        }
    }

    /// What a node takes of an operand along one of its axes: all, unless it picks some.
    func taken(from operand: ValueID, along axis: Int, by node: Node) -> [Int] {
        let all = Array(0..<values[operand].shape[axis])
        switch node.op.spatialEffect {
        case .gather(let outer, let extent, let indices) where isAlong(axis, of: operand, outer, extent):
            return indices
        case .slice(let starts, let steps):
            return all.prefix(node.op.outputShapes[0][axis]).map { starts[axis] + $0 * steps[axis] }
        default: return all
        }
    }

    /// Whether an axis of this extent, with so much before it, is that axis of a value.
    private func isAlong(_ axis: Int, of value: ValueID, _ outer: Int, _ extent: Int) -> Bool {
        let shape = values[value].shape
        return outer == shape.dims[..<axis].reduce(1, *) && extent == shape[axis]
    }
}

/// A tree in which the nearest common ancestor of two values takes a logarithm of its depth: beside its parent every
/// value knows an ancestor far above. Myers 1983, "An applicative random-access stack".
private struct Dominators {
    private var parent, far, level: [Int]

    init(root: ValueID, count: Int) {
        parent = [Int](repeating: root, count: count)
        far = parent
        level = [Int](repeating: -1, count: count)
        level[root] = 0
    }

    func holds(_ value: ValueID) -> Bool { level[value] >= 0 }

    mutating func add(_ value: ValueID, under above: ValueID) {
        (parent[value], level[value]) = (above, level[above] + 1)
        let next = far[above]
        far[value] = level[above] - level[next] == level[next] - level[far[next]] ? far[next] : above
    }

    func common(_ a: ValueID, _ b: ValueID) -> ValueID {
        var (a, b) = level[a] < level[b] ? (b, a) : (a, b)
        while level[a] > level[b] { a = level[far[a]] >= level[b] ? far[a] : parent[a] }
        while a != b { (a, b) = far[a] == far[b] ? (parent[a], parent[b]) : (far[a], far[b]) }
        return a
    }

    /// From the root to a value.
    func path(to value: ValueID) -> [ValueID] {
        var path = [value]
        while level[path[path.count - 1]] > 0 { path.append(parent[path[path.count - 1]]) }
        return path.reversed()
    }
}
