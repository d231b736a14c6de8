extension Importer {
    /// No norm is spelled longer.
    private static let longestNorm = 16

    /// Whether a value ends in x / |x|: an embedding of length 1.
    func endsInUnitLength(_ value: ValueID) -> Bool {
        var value = plain(value)
        for _ in 0..<Self.longestNorm {
            guard let node = node(value) else { return false }
            let operands = node.operands.compactMap { $0?.value }
            if operands.count == 2, node.pair == .mul || node.pair == .div {
                return isLength(operands[1], of: operands[0])
                    || (node.pair == .mul && isLength(operands[0], of: operands[1]))
            }
            guard operands.count == 1, node.pair == .mul || node.pair == .div || node.isClip else { return false }
            value = plain(operands[0])
        }
        return false
    }

    /// Whether a value is |x|, its square or its reciprocal, which may be kept from 0.
    private func isLength(_ value: ValueID, of x: ValueID) -> Bool {
        var value = value
        for _ in 0..<Self.longestNorm {
            guard let node = node(value), let before = node.operands.lazy.compactMap({ $0?.value }).last else {
                return false
            }
            if node.reduction == .l2 || node.reduction == .sumSquare { return before == x }
            if node.reduction == .sum {
                guard let square = self.node(before), square.pair == .mul || square.pair == .pow else { return false }
                return square.operands.compactMap { $0?.value }.allSatisfy { $0 == x }
            }
            let isRootOrInverse =
                node.function == .sqrt || node.function == .reciprocal || node.pair == .pow || node.pair == .div
            guard let inner = isRootOrInverse || node.op is Where ? before : node.keptFromZero else { return false }
            value = inner
        }
        return false
    }

    /// What computes a value; nil of the image.
    func node(_ value: ValueID) -> Graph.Node? { values[value].producer.map { nodes[$0] } }

    /// Before reshapes and roundings.
    func plain(_ value: ValueID) -> ValueID {
        var value = value
        while let node = values[value].producer.map({ nodes[$0] }),
            node.op.isView || node.op is Quantize,
            let before = node.operands[0]?.value
        { value = before }
        return value
    }
}
