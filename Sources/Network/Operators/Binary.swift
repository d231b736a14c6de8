/// Elementwise operators of two operands with ONNX's multidirectional broadcasting.
/// https://onnx.ai/onnx/operators/onnx__Mul.html and its kin
package struct Binary: Operator {
    package enum Kind: String { case Sub, Mul, Div, Pow, Min, Max, Mod, PRelu }

    package let kind: Kind
    package let outputShapes: [Shape]
    /// Whether Mod takes the dividend's sign, as C's fmod, not the divisor's.
    package let truncates: Bool

    package init(_ node: NodeReader) throws(OperatorFault) {
        guard let kind = Kind(rawValue: node.node.opType), node.operands.count == 2 else { throw .unsupported }
        self.kind = kind
        truncates = try node.flag("fmod")
        outputShapes = [try node.broadcastShape()]
    }
}

extension NodeReader {
    /// The shape of an elementwise operator's output; all operands must be float tensors.
    func broadcastShape() throws(OperatorFault) -> Shape {
        var shape = try self.shape(0)
        for index in operands.indices {
            let operand = try required(index)
            if case .integers = operand { throw .notFloat(index) }
            guard let both = Shape.broadcast(shape, operand.shape) else {
                throw .shape("operands of shapes \(shape) and \(operand.shape) do not broadcast")
            }
            shape = both
        }
        return shape
    }
}
