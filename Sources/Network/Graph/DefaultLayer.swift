extension Graph {
    /// The layer that a method explains when none is named: the last spatial feature map before pooling or the head; of
    /// a network of tokens the last one through which all that the scores see of the photo passes (in a vision
    /// transformer with a class token the last block's first norm: after it, only the class token is read). nil where
    /// nothing with weights comes before the last map: that would be the photo itself. What is last is what is farthest
    /// from the photo, not what the file tells last.
    func findDefaultLayer() -> Layer? {
        switch form {
        case .numbers where values[logits].shape.isRow: break
        case .pixels, .boxes, .numbers: if let layer = findDenseLayer() { return layer }
        case .classes, .embedding: break
        }
        let onPath = ancestors(of: logits)
        // A layer is its node's first output: of a split, others may lead on alone.
        let candidates = values.indices.filter {
            onPath.contains($0) && isMap($0) && onPath.contains(place(of: $0)!.value)
        }
        guard let last = farthest(candidates), hasWeights(ancestors(of: last)) else { return nil }
        let isOfTokens = maps[last]?.tokens != nil || isShare(last)
        let features = isOfTokens ? beforePooling(tokenLayer(before: last)) : features(before: beforePooling(last))
        return layer(of: outer(features))
    }

    /// What a head reads that is a convolution with one channel a class; the value itself where there is no such head.
    private func features(before value: ValueID) -> ValueID {
        guard channels(of: value) == classes, !hasWeights(between(value, logits)),
            let head = closestConvolution(before: value), let features = head.operands[0]?.value, isMap(features)
        else { return value }
        return beforePooling(features)
    }

    private func closestConvolution(before value: ValueID) -> Node? {
        var value = value
        while let producer = values[value].producer {
            if nodes[producer].op is Conv { return nodes[producer] }
            guard let before = nodes[producer].operands.first??.value else { return nil }
            value = before
        }
        return nil
    }
}

// MARK: What a value is

extension Graph {
    /// Whether a value is a layer with more than one place.
    func isMap(_ value: ValueID) -> Bool { place(of: value).map { $0.form.height * $0.form.width > 1 } ?? false }

    func channels(of value: ValueID) -> Int? { place(of: value)?.channels }

    func place(of value: ValueID) -> MapPlace? { values[value].producer.flatMap(place(ofNode:)) }

    /// The layer with the longest way from the photo; of equals the one with the most channels, then by name.
    func farthest(_ candidates: [ValueID]) -> ValueID? {
        guard let depth = candidates.lazy.map({ depths[$0] }).max() else { return nil }
        let ranks = candidates.filter { depths[$0] == depth }.map {
            (channels: channels(of: $0) ?? 0, name: values[$0].name, value: $0)
        }
        return ranks.max { ($0.channels, $0.name) < ($1.channels, $1.name) }?.value
    }

    /// Values computed from `start` on the way to `end`, which counts itself.
    func between(_ start: ValueID, _ end: ValueID) -> Set<ValueID> {
        descendants(of: [start]).intersection(ancestors(of: end)).subtracting([start])
    }

    /// Whether any of these values is computed with weights.
    func hasWeights(_ values: Set<ValueID>) -> Bool { weighted(values) > 0 }

    /// How many of the nodes that compute these values have weights.
    func weighted(_ values: Set<ValueID>) -> Int {
        nodes.count { !values.isDisjoint(with: $0.outputs) && $0.hasWeights }
    }
}
