extension Graph {
    /// The layer that explains a segmentation, a detector or another output of several axes where none is named: of the
    /// maps that lead to every one of its last convolutions, those of the coarsest grid (but for pooled context), the
    /// farthest from the photo. But for boxes: without a window wider than a pixel after that layer, as before a head
    /// of one convolution 1 x 1, it would show the output itself; then the map before the last such window.
    func findDenseLayer() -> Layer? {
        let path = ancestors(of: logits)
        let heads = lastConvolutions(on: path)
        guard !heads.isEmpty else { return nil }
        let inputs = heads.compactMap { nodes[$0].operands[0]?.value }
        var shared = path
        for input in inputs { shared.formIntersection(ancestors(of: input)) }
        let maps = values.indices.filter { shared.contains($0) && isMap($0) && hasWeights(ancestors(of: $0)) }
        func height(_ value: ValueID) -> Int { place(of: value)!.form.height }
        let heights = maps.map(height), coarsest = heights.filter { 32 * $0 >= inputShape[2] }.min() ?? heights.min()
        guard let last = farthest(maps.filter { height($0) == coarsest }) else { return nil }
        if case .boxes = form { return layer(of: last) }
        return layer(of: beforeLastWindow(last, inputs))
    }

    /// Those on the way to the scores after which no other comes.
    private func lastConvolutions(on path: Set<ValueID>) -> [Int] {
        var (before, found): (Set<ValueID>, [Int]) = ([], [])
        for index in nodes.indices.reversed() where nodes[index].outputs.contains(where: path.contains) {
            let isBefore = nodes[index].outputs.contains(where: before.contains)
            guard isBefore || nodes[index].op is Conv else { continue }
            if !isBefore { found.append(index) }
            before.formUnion(nodes[index].operands.compactMap { $0?.value })
        }
        return found
    }

    private func beforeLastWindow(_ value: ValueID, _ heads: [ValueID]) -> ValueID {
        let after = heads.reduce(into: Set<ValueID>()) { $0.formUnion(between(value, $1)) }
        func isWide(_ node: Node) -> Bool {
            (node.op as? Conv).map { $0.geometry.window.kernel != (1, 1) }
                ?? (node.op is Resize || node.op is ConvTranspose)
        }
        let hasWindow = nodes.contains { !after.isDisjoint(with: $0.outputs) && isWide($0) }
        let path = ancestors(of: value)
        guard !hasWindow,
            let window = nodes.last(where: { path.contains($0.outputs[0]) && $0.op is Conv && isWide($0) }),
            let before = window.operands[0]?.value, isMap(before), hasWeights(ancestors(of: before))
        else { return value }
        return before
    }
}
