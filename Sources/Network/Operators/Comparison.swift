/// Comparisons and logic with broadcasting. A truth value is 1 or 0 in a float tensor; no gradient passes.
/// https://onnx.ai/onnx/operators/onnx__Greater.html and its kin
package struct Comparison: Operator {
    package enum Kind: String {
        case equal = "Equal", greater = "Greater", greaterOrEqual = "GreaterOrEqual", less = "Less"
        case lessOrEqual = "LessOrEqual", and = "And", or = "Or", xor = "Xor"
    }

    package let kind: Kind
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        guard let kind = Kind(rawValue: node.node.opType), node.operands.count == 2 else { throw .unsupported }
        self.kind = kind
        outputShapes = [try node.broadcastShape()]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse {
        let fold: IntegerUse.Fold? =
            switch Kind(rawValue: node.node.opType) {
            case .equal: IntegerUse.truth { $0 == $1 }
            case .greater: IntegerUse.truth { $0 > $1 }
            case .greaterOrEqual: IntegerUse.truth { $0 >= $1 }
            case .less: IntegerUse.truth { $0 < $1 }
            case .lessOrEqual: IntegerUse.truth { $0 <= $1 }
            case .and: IntegerUse.truth { $0 != 0 && $1 != 0 }
            case .or: IntegerUse.truth { $0 != 0 || $1 != 0 }
            case .xor: IntegerUse.truth { ($0 != 0) != ($1 != 0) }
            case nil: nil
            }
        return IntegerUse([0, 1], .compared, gives: .truthValues, fold: fold)
    }

    package var spatialEffect: SpatialEffect { .pointwise }
    package var numberEffect: NumberEffect { .decided }
}
