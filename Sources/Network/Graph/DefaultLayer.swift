extension Graph {
    /// The layer that a method explains when none is named: the last spatial feature map before pooling or the head; of a
    /// network of tokens the last one through which all that the scores see of the photo passes (in a vision transformer with a
    /// class token the last block's first norm: behind it, only the class token is read). nil where nothing with weights comes before
    /// the last map: that would be the photo itself.
    public var defaultLayer: Layer? {
        let onPath = leading(to: logits)
        guard var value = values.indices.last(where: { onPath.contains($0) && isMap($0) }), hasWeights(leading(to: value)) else { return nil }
        if maps[value]?.tokens != nil { return layer(of: beforePooling((tokenLayer() ?? layer(of: value))?.value ?? value)) }
        value = beforePooling(value)
        // A head made of a convolution with one channel a class: the features are what it reads.
        if layer(of: value)?.channels == classes, !weightsBehind(value), let conv = closestConvolution(before: value),
            let features = nodes[conv].operands[0]?.value, isMap(features)
        {
            value = beforePooling(features)
        }
        return layer(of: value)
    }

    /// Whether a value is a layer with more than one place.
    private func isMap(_ value: ValueID) -> Bool { layer(of: value).map { $0.height * $0.width > 1 } ?? false }

    /// Goes back over nodes that only pool or pass on what they read, or leave out tokens that are no places.
    private func beforePooling(_ value: ValueID) -> ValueID {
        var value = value
        while let producer = values[value].producer, let before = nodes[producer].operands[0]?.value, isMap(before) {
            let op = nodes[producer].op
            let isSelection = op is Slice && maps[value]?.tokens != nil && layer(of: before)?.channels == layer(of: value)?.channels
            guard op.isView || op is Transpose || nodes[producer].opType == "AveragePool" || isSelection else { break }
            value = before
        }
        return value
    }

    /// Whether something with weights stands between a value and the scores.
    private func weightsBehind(_ value: ValueID) -> Bool {
        hasWeights(reached(from: [value]).intersection(leading(to: logits)).subtracting([value]))
    }

    /// Whether any of these values is computed with weights.
    private func hasWeights(_ values: Set<ValueID>) -> Bool {
        nodes.contains { $0.hasWeights && !values.isDisjoint(with: $0.outputs) }
    }

    private func closestConvolution(before value: ValueID) -> Int? {
        var value = value
        while let producer = values[value].producer {
            if nodes[producer].opType == "Conv" { return producer }
            guard let before = nodes[producer].operands.first??.value else { return nil }
            value = before
        }
        return nil
    }

    // MARK: Tokens

    /// What of a value the scores depend on.
    private enum Reading: Int, Comparable {
        case nothing, extraTokens, places
        static func < (a: Reading, b: Reading) -> Bool { a.rawValue < b.rawValue }
    }

    /// The last layer that nothing which the scores see of the photo passes by, as wide as the last layer of all (queries, keys and
    /// values in one product are wider).
    private func tokenLayer() -> Layer? {
        var readings = [Reading](repeating: .nothing, count: values.count)
        var lastReader = [Int](repeating: -1, count: values.count)
        readings[logits] = .places
        for (index, node) in nodes.enumerated().reversed() {
            let reading = node.outputs.map { readings[$0] }.max() ?? .nothing
            guard reading > .nothing else { continue }
            for (place, source) in node.operands.enumerated() {
                guard let operand = source?.value else { continue }
                let read = self.reading(of: operand, at: place, by: node, reading)
                readings[operand] = max(readings[operand], read)
                if read == .places { lastReader[operand] = max(lastReader[operand], index) }
            }
        }
        let dependent = reached(from: [input])
        var carriers: [Layer] = [], channels = 0, farthest = -1
        for value in values.indices where dependent.contains(value) && readings[value] > .nothing {
            if let layer = layer(of: value), maps[value]?.tokens != nil {
                channels = layer.channels
                if readings[value] == .places, farthest <= values[value].producer ?? -1 { carriers.append(layer) }
            }
            farthest = max(farthest, lastReader[value])
        }
        return carriers.last { $0.channels == channels } ?? carriers.last
    }

    /// What a node reads of an operand, of whose output `reading` is read.
    private func reading(of operand: ValueID, at place: Int, by node: Node, _ reading: Reading) -> Reading {
        // What no gradient passes is read by no method.
        if node.op is Comparison || node.op is ArgMax || (node.op as? Unary)?.function.isStep ?? false || (node.op is Where && place == 0) { return .nothing }
        guard let form = maps[operand], let tokens = form.tokens, let axis = form.axes.first else { return .places }
        let shape = values[operand].shape
        if let gather = node.op as? Gather, gather.outer == shape.dims[..<axis].reduce(1, *), gather.extent == shape[axis] {
            return gather.indices.contains(where: tokens.contains) ? .places : .extraTokens
        }
        if let slice = node.op as? Slice, maps[node.outputs[0]] == nil {
            let taken = (0..<slice.outputShapes[0][axis]).map { slice.starts[axis] + $0 * slice.steps[axis] }
            return taken.contains(where: tokens.contains) ? .places : .extraTokens
        }
        // Rows of the output come from the same rows of the operand; a product's second operand is read by all of them.
        guard maps[node.outputs[0]]?.tokens != nil, !(node.op is MatrixProduct && place == 1) else { return .places }
        return reading
    }
}
