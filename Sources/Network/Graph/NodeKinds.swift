/// What a node computes, by kind.
extension Graph.Node {
    /// nil where it is no function of one number.
    var function: UnaryFunction? { (op as? Unary)?.function }
    /// nil where it is no function of two numbers; a sum of any number of them is an `Add`.
    var pair: Binary.Kind? { (op as? Binary)?.kind }
    /// nil where it does not reduce axes.
    var reduction: Reduce.Kind? { (op as? Reduce)?.kind }
    /// nil where it compares nothing.
    var comparison: Comparison.Kind? { (op as? Comparison)?.kind }
    var isClip: Bool { (op as? Relu)?.isClip ?? false }

    /// Whether it mixes numbers by weights: a product or a convolution with a constant (products of two computed
    /// values, as attention scores, have none).
    var hasWeights: Bool {
        guard op.numberEffect == .mixed else { return false }
        return operands.prefix(2).contains { if case .constant? = $0 { true } else { false } }
    }

    /// The value that a divisor is made of, kept from 0 by a bound or a small addend; nil after any other node.
    var keptFromZero: ValueID? {
        let operands = operands.compactMap { $0?.value }
        guard operands.count == 1, op.keepsNumbers || op is Add || isClip || pair == .max else { return nil }
        return operands[0]
    }
}
