extension Graph {
    /// The layer that a method explains when none is named: the last spatial feature map before pooling or the head; of a
    /// network of tokens the last one through which all that the scores see of the photo passes (in a vision transformer with a
    /// class token the last block's first norm: behind it, only the class token is read). nil where nothing with weights comes before
    /// the last map: that would be the photo itself. What is last is what is farthest from the photo, not what the file tells last.
    public var defaultLayer: Layer? {
        let onPath = leading(to: logits)
        guard var value = farthest(values.indices.filter { onPath.contains($0) && isMap($0) }), hasWeights(leading(to: value)) else { return nil }
        if maps[value]?.tokens != nil || isShare(value) { return layer(of: beforePooling(tokenLayer(before: value))) }
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
    func isMap(_ value: ValueID) -> Bool { layer(of: value).map { $0.height * $0.width > 1 } ?? false }

    /// The layer with the longest way from the photo; of equals the one with the most channels, then by name.
    private func farthest(_ candidates: [ValueID]) -> ValueID? {
        let depths = depths
        func rank(_ value: ValueID) -> (Int, Int, String) { (depths[value], layer(of: value)?.channels ?? 0, values[value].name) }
        return candidates.max { rank($0) < rank($1) }
    }

    /// Whether a value is another one times a matrix, with a bias at most.
    private func isOneProduct(of source: ValueID, _ value: ValueID) -> Bool {
        let between = between(source, value)
        let nodes = nodes.filter { !between.isDisjoint(with: $0.outputs) }
        return nodes.count { $0.op is MatrixProduct } == 1 && nodes.allSatisfy { $0.op is MatrixProduct || $0.op is Add || $0.op.isView || $0.op is Transpose }
    }

    /// Whether something with weights stands between a value and the scores.
    private func weightsBehind(_ value: ValueID) -> Bool { hasWeights(between(value, logits)) }

    /// Values computed from `start` on the way to `end`, which counts itself.
    private func between(_ start: ValueID, _ end: ValueID) -> Set<ValueID> {
        reached(from: [start]).intersection(leading(to: end)).subtracting([start])
    }

    /// Whether any of these values is computed with weights.
    private func hasWeights(_ values: Set<ValueID>) -> Bool { weighted(values) > 0 }

    private func weighted(_ values: Set<ValueID>) -> Int {
        nodes.count { !values.isDisjoint(with: $0.outputs) && $0.hasWeights }
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

    /// The last layer of tokens that nothing which the scores see of the photo passes by, as wide as the last layer of all (queries, keys and
    /// values in one product are wider); the feature map itself where its places are only weighted behind it, as in attention pooling.
    /// Of networks side by side, which no layer joins, the farthest one whose places are read.
    private func tokenLayer(before end: ValueID) -> ValueID {
        let (passed, readings) = passages()
        let maps = passed.filter { isMap($0) && !isShare($0) }
        let tokens = maps.filter { self.maps[$0]?.tokens != nil }
        let widest = farthest(values.indices.filter { readings[$0] > .nothing && self.maps[$0]?.tokens != nil && layer(of: $0) != nil })
        let channels = widest.flatMap { layer(of: $0)?.channels }
        guard var value = tokens.last(where: { layer(of: $0)?.channels == channels }) ?? tokens.last else {
            let read = values.indices.filter { readings[$0] == .places && self.maps[$0]?.tokens != nil && isMap($0) && !isShare($0) }
            return (isShare(end) ? maps.last : farthest(read)) ?? end
        }
        // Keys and values of a pooling by attention are one product of what is pooled.
        if let source = tokens.last(where: { layer(of: $0)!.channels * 2 <= layer(of: value)!.channels }), isOneProduct(of: source, value) {
            value = source
        }
        // One convolution alone is a patch embedding, and tokens before the map are those of blocks.
        if let grid = maps.last(where: { self.maps[$0]?.tokens == nil }), !hasWeights(between(grid, value)) {
            let before = leading(to: grid)
            if weighted(before) > 1, !before.contains(where: { self.maps[$0]?.tokens != nil && isMap($0) }) { return grid }
        }
        return value
    }
}
