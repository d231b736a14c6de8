/// Elementwise operators of two operands with ONNX's multidirectional broadcasting.
/// https://onnx.ai/onnx/operators/onnx__Mul.html and its kin
package struct Binary: Operator {
    package enum Kind: String {
        case sub = "Sub", mul = "Mul", div = "Div", pow = "Pow", min = "Min", max = "Max", mod = "Mod", prelu = "PRelu"
    }

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

    package static func integers(_ node: NodeReader) -> IntegerUse {
        switch Kind(rawValue: node.node.opType) {
        case .sub: IntegerUse([0, 1], fold: IntegerUse.pairs { $0 &- $1 })
        case .mul: IntegerUse([0, 1], fold: IntegerUse.pairs { $0 &* $1 })
        case .div:
            IntegerUse(
                [], fold: IntegerUse.pairs { $1 == 0 ? 0 : $0.dividedReportingOverflow(by: $1).partialValue })
        case .pow: IntegerUse([0, 1], .accumulated)
        case .min: IntegerUse([0, 1], fold: IntegerUse.pairs { min($0, $1) })
        case .max: IntegerUse([0, 1], fold: IntegerUse.pairs { max($0, $1) })
        case .mod: IntegerUse([0, 1], fold: remainder)
        case .prelu, nil: .none
        }
    }

    package var spatialEffect: SpatialEffect { .pointwise }
    package var numberEffect: NumberEffect { .other }

    private static let remainder: IntegerUse.Fold = { node throws(OperatorFault) in
        let truncates = try node.flag("fmod")
        return try IntegerUse.pairs { a, b in
            guard b != 0 else { return 0 }
            let rest = a.remainderReportingOverflow(dividingBy: b).partialValue
            return !truncates && rest != 0 && (rest < 0) != (b < 0) ? rest &+ b : rest
        }(node)
    }
}

extension NodeReader {
    /// The shape of an elementwise operator's output; all operands must be float tensors.
    func broadcastShape() throws(OperatorFault) -> Shape {
        var shape = try required(0).shape
        for index in operands.indices {
            let operand = try required(index)
            if case .integers = operand { throw .notFloat(index) }
            guard let both = try Shape.broadcast(shape, operand.shape) else {
                throw .shape("operands of shapes \(shape) and \(operand.shape) do not broadcast")
            }
            shape = both
        }
        return shape
    }
}
