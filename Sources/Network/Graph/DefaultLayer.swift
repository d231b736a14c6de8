extension Graph {
    /// The layer that a method explains when none is named: the last spatial feature map before pooling or the head; of
    /// a
    /// network of tokens the last one through which all that the scores see of the photo passes (in a vision
    /// transformer with a
    /// class token the last block's first norm: behind it, only the class token is read). nil where nothing with
    /// weights comes before
    /// the last map: that would be the photo itself. What is last is what is farthest from the photo, not what the file
    /// tells last.
    func findDefaultLayer() -> Layer? {
        let onPath = ancestors(of: logits)
        guard var value = farthest(values.indices.filter { onPath.contains($0) && isMap($0) }),
            hasWeights(ancestors(of: value))
        else { return nil }
        if maps[value]?.tokens != nil || isShare(value) { return layer(of: beforePooling(tokenLayer(before: value))) }
        value = beforePooling(value)
        // A head made of a convolution with one channel a class: the features are what it reads.
        if channels(of: value) == classes, !weightsBehind(value), let conv = closestConvolution(before: value),
            let features = nodes[conv].operands[0]?.value, isMap(features)
        {
            value = beforePooling(features)
        }
        return layer(of: value)
    }

    /// Whether a value is a layer with more than one place.
    func isMap(_ value: ValueID) -> Bool { place(of: value).map { $0.form.height * $0.form.width > 1 } ?? false }

    func channels(of value: ValueID) -> Int? { place(of: value)?.channels }

    private func place(of value: ValueID) -> MapPlace? { values[value].producer.flatMap(place(ofNode:)) }

    /// The layer with the longest way from the photo; of equals the one with the most channels, then by name.
    private func farthest(_ candidates: [ValueID]) -> ValueID? {
        guard let depth = candidates.lazy.map({ depths[$0] }).max() else { return nil }
        let ranks = candidates.filter { depths[$0] == depth }.map {
            (channels: channels(of: $0) ?? 0, name: values[$0].name, value: $0)
        }
        return ranks.max { ($0.channels, $0.name) < ($1.channels, $1.name) }?.value
    }

    /// Whether a value is another one times a matrix, with a bias at most.
    private func isOneProduct(of source: ValueID, _ value: ValueID) -> Bool {
        let between = between(source, value)
        let nodes = nodes.filter { !between.isDisjoint(with: $0.outputs) }
        return nodes.count { $0.op is MatrixProduct } == 1
            && nodes.allSatisfy { $0.op is MatrixProduct || $0.op is Add || $0.op.isView || $0.op is Transpose }
    }

    /// Whether something with weights stands between a value and the scores.
    private func weightsBehind(_ value: ValueID) -> Bool { hasWeights(between(value, logits)) }

    /// Values computed from `start` on the way to `end`, which counts itself.
    private func between(_ start: ValueID, _ end: ValueID) -> Set<ValueID> {
        descendants(of: [start]).intersection(ancestors(of: end)).subtracting([start])
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

    /// The last layer of tokens that nothing which the scores see of the photo passes by, as wide as the last layer of
    /// all (queries, keys and
    /// values in one product are wider); the feature map itself where its places are only weighted behind it, as in
    /// attention pooling.
    /// Of networks side by side, which no layer joins, the farthest one whose places are read.
    private func tokenLayer(before end: ValueID) -> ValueID {
        let (passed, readings) = passages()
        let maps = passed.filter { isMap($0) && !isShare($0) }
        let tokens = maps.filter { self.maps[$0]?.tokens != nil }
        let widest = farthest(
            values.indices.filter { readings[$0] > .nothing && self.maps[$0]?.tokens != nil && place(of: $0) != nil })
        let channels = widest.flatMap { self.channels(of: $0) }
        guard var value = tokens.last(where: { self.channels(of: $0) == channels }) ?? tokens.last else {
            let read = values.indices.filter {
                readings[$0] == .places && self.maps[$0]?.tokens != nil && isMap($0) && !isShare($0)
            }
            return (isShare(end) ? maps.last : farthest(read)) ?? end
        }
        // Keys and values of a pooling by attention are one product of what is pooled.
        if let source = tokens.last(where: { self.channels(of: $0)! * 2 <= self.channels(of: value)! }),
            isOneProduct(of: source, value)
        {
            value = source
        }
        // One convolution alone is a patch embedding, and tokens before the map are those of blocks.
        if let grid = maps.last(where: { self.maps[$0]?.tokens == nil }), !hasWeights(between(grid, value)) {
            let before = ancestors(of: grid)
            if weighted(before) > 1, !before.contains(where: { self.maps[$0]?.tokens != nil && isMap($0) }) {
                return grid
            }
        }
        return value
    }
}
