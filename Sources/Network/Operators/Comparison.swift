/// Comparisons and logic with broadcasting. A truth value is 1 or 0 in a float tensor; no gradient passes.
/// https://onnx.ai/onnx/operators/onnx__Greater.html and its kin
package struct Comparison: Operator {
    package enum Kind: String { case Equal, Greater, GreaterOrEqual, Less, LessOrEqual, And, Or, Xor }

    package let kind: Kind
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        guard let kind = Kind(rawValue: node.node.opType), node.operands.count == 2 else { throw .unsupported }
        self.kind = kind
        outputShapes = [try node.broadcastShape()]
    }
}
