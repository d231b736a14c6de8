/// What operators do to numbers, as far as more than one reading of a network asks for it.
extension Operator {
    /// Whether its outputs hold its operands' numbers as they are, in other places.
    var movesNumbers: Bool { keepsNumbers || self is Slice || self is Gather || self is Split || self is Concat }

    /// Whether its output holds all of one operand's numbers and no others, in other places or more than once.
    var keepsNumbers: Bool { isView || self is Transpose || self is Expand }
}

extension Graph.Node {
    /// The value that a divisor is made of, kept from 0 by a bound or a small addend; nil behind any other node.
    var keptFromZero: ValueID? {
        let operands = operands.compactMap { $0?.value }
        guard operands.count == 1, op.keepsNumbers || ["Add", "Clip", "Max"].contains(opType) else { return nil }
        return operands[0]
    }
}
