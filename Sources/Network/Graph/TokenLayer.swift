extension Graph {
    /// The last layer of tokens that nothing which the scores see of the photo passes by, as wide as the last layer of
    /// all (queries, keys and values in one product are wider); the feature map itself where its places are only
    /// weighted after it, as in attention pooling.
    func tokenLayer(before end: ValueID) -> ValueID {
        let (passed, readings) = passages()
        let maps = passed.filter { isMap($0) && !isShare($0) }
        let tokens = maps.filter(isOfTokens)
        let width = farthest(
            values.indices.filter { readings[$0] > .nothing && isOfTokens($0) && place(of: $0) != nil }
        )
        .flatMap(channels(of:))
        guard let last = tokens.last(where: { channels(of: $0) == width }) ?? tokens.last else {
            return isShare(end) ? maps.last ?? end : farthestRead(readings) ?? end
        }
        let value = pooledByAttention(last, among: tokens) ?? last
        return gridBefore(value, among: maps) ?? value
    }

    private func isOfTokens(_ value: ValueID) -> Bool { maps[value]?.tokens != nil }

    /// Of networks side by side, which no layer joins, the farthest layer whose places are read.
    private func farthestRead(_ readings: [Reading]) -> ValueID? {
        farthest(values.indices.filter { readings[$0] == .places && isOfTokens($0) && isMap($0) && !isShare($0) })
    }

    /// What is pooled by attention, whose keys and values are one product of it; nil where the value is no such
    /// product.
    private func pooledByAttention(_ value: ValueID, among tokens: [ValueID]) -> ValueID? {
        guard let width = channels(of: value),
            let source = tokens.last(where: { channels(of: $0)! * 2 <= width }), isOneProduct(of: source, value)
        else { return nil }
        return source
    }

    /// Whether a value is another one times a matrix, with a bias at most.
    private func isOneProduct(of source: ValueID, _ value: ValueID) -> Bool {
        let between = between(source, value)
        let nodes = nodes.filter { !between.isDisjoint(with: $0.outputs) }
        return nodes.count { $0.op is MatrixProduct } == 1
            && nodes.allSatisfy { $0.op is MatrixProduct || $0.op is Add || $0.op.isView || $0.op is Transpose }
    }

    /// The last map of rows and columns, where the tokens after it are only its own: nothing with weights stands
    /// between, more than a patch embedding (one convolution) before it, and no blocks of tokens.
    private func gridBefore(_ value: ValueID, among maps: [ValueID]) -> ValueID? {
        guard let grid = maps.last(where: { !isOfTokens($0) }), !hasWeights(between(grid, value)) else { return nil }
        let before = ancestors(of: grid)
        guard weighted(before) > 1, !before.contains(where: { isOfTokens($0) && isMap($0) }) else { return nil }
        return grid
    }
}
