/// y = condition ? a : b with broadcasting; the condition is constant or computed.
/// https://onnx.ai/onnx/operators/onnx__Where.html
package struct Where: Operator {
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        guard node.operands.count == 3 else { throw .missingOperand(2) }
        outputShapes = [try node.broadcastShape()]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse {
        IntegerUse([0, 1, 2], gives: .numbers(of: 1)) { node throws(OperatorFault) in
            let (c, condition) = try node.wholeNumbers(0)
            let ((a, x), (b, y)) = (try node.wholeNumbers(1), try node.wholeNumbers(2))
            let whole = try node.broadcast([c, a, b])
            let (left, right) = (a.shape.spread(x, to: whole), b.shape.spread(y, to: whole))
            return .integers(
                whole, c.shape.spread(condition, to: whole).enumerated().map { $1 != 0 ? left[$0] : right[$0] })
        }
    }

    package var spatialEffect: SpatialEffect { .pointwise }
    package var numberEffect: NumberEffect { .other }
}
