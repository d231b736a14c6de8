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
        var dominator = [ValueID?](repeating: nil, count: values.count),
            level = [Int](repeating: -1, count: values.count)
        level[input] = 0
        func common(_ a: ValueID?, _ b: ValueID) -> ValueID {
            guard var a else { return b }
            var b = b
            while a != b { if level[a] > level[b] { a = dominator[a]! } else { b = dominator[b]! } }
            return a
        }
        var end: ValueID?
        for node in nodes {
            let reading = node.outputs.map { readings[$0] }.max() ?? .nothing
            guard reading > .nothing else { continue }
            var passed: ValueID?
            for (place, source) in node.operands.enumerated() {
                guard let operand = source?.value, level[operand] >= 0,
                    self.reading(of: operand, at: place, by: node, reading) == .places
                else { continue }
                passed = common(passed, operand)
            }
            guard let passed else { continue }
            for output in node.outputs { (dominator[output], level[output]) = (passed, level[passed] + 1) }
            if reading < .places { end = common(end, passed) }
        }
        if level[logits] >= 0 { end = common(end, logits) }
        var chain: [ValueID] = []
        while let value = end {
            chain.append(value)
            end = dominator[value]
        }
        return (chain.reversed(), readings)
    }

    /// What a node reads of an operand, of whose output `reading` is read.
    private func reading(of operand: ValueID, at place: Int, by node: Node, _ reading: Reading) -> Reading {
        // What no gradient passes is read by no method.
        if node.op.numberEffect == .decided || (node.op is Where && place == 0) { return .nothing }
        guard let form = maps[operand], let tokens = form.tokens, let axis = form.axes.first else { return .places }
        let shape = values[operand].shape
        func taken(_ places: [Int]) -> Reading { places.contains(where: tokens.contains) ? .places : .extraTokens }
        switch node.op.spatialEffect {
        case .gather(let outer, let extent, let indices)
        where outer == shape.dims[..<axis].reduce(1, *) && extent == shape[axis]:
            return taken(indices)
        case .slice(let starts, let steps) where maps[node.outputs[0]] == nil:
            return taken((0..<node.op.outputShapes[0][axis]).map { starts[axis] + $0 * steps[axis] })
        // A product's second operand is read by all rows of the output.
        case .rows where place == 1: return .places
        // Rows of the output come from the same rows of the operand.
        default: return maps[node.outputs[0]]?.tokens != nil ? reading : .places
        }
    }
}
