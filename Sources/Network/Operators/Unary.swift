import ONNX

/// Elementwise functions of one operand, each with its derivative. https://onnx.ai/onnx/operators/
package struct Unary: Operator {
    package let function: UnaryFunction
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        outputShapes = [try node.shape(0).shape]
        function = try UnaryFunction(node)
    }

    /// A function of a value of this shape.
    init(_ function: UnaryFunction, of shape: Shape) { (self.function, outputShapes) = (function, [shape]) }

    package static func integers(_ node: NodeReader) -> IntegerUse {
        switch try? UnaryFunction(node) {
        case .not: IntegerUse([0], gives: .truthValues, fold: IntegerUse.each { $0 == 0 ? 1 : 0 })
        case .isInf, .isNaN: IntegerUse([], gives: .truthValues)
        case .sign: IntegerUse([0])
        case .neg: IntegerUse([], fold: IntegerUse.each { 0 &- $0 })
        case .abs: IntegerUse([], fold: IntegerUse.each { $0 < 0 ? 0 &- $0 : $0 })
        case .cast(let type): IntegerUse([], gives: .typed(type))
        default: .none
        }
    }

    package var spatialEffect: SpatialEffect { .pointwise }
    package var numberEffect: NumberEffect { function.isStep ? .decided : .other }
}

extension NodeReader {
    /// The type that a Cast node names; nil where it names none.
    var castType: ElementType? {
        switch node.attributes["to"] {
        case .int(let code)?: ElementType(code: code)
        // Operator set 1 wrote the type's name.
        case .string(let name)?:
            ["FLOAT", "DOUBLE", "FLOAT16"].contains(name) ? .float32 : name == "BOOL" ? .bool : .int64
        default: nil
        }
    }
}
