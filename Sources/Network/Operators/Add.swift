/// The sum of any number of operands, with broadcasting. https://onnx.ai/onnx/operators/onnx__Add.html, onnx__Sum.html
package struct Add: Operator {
    package let outputShapes: [Shape]
    package let operandShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        outputShapes = [try node.broadcastShape()]
        operandShapes = node.operands.compactMap { $0?.shape }
    }

    package static func integers(_ node: NodeReader) -> IntegerUse {
        // More operands than two, of a Sum, are floats.
        IntegerUse([0, 1], fold: IntegerUse.pairs { $0 &+ $1 })
    }

    package var spatialEffect: SpatialEffect { .pointwise }
    package var numberEffect: NumberEffect { .other }
}
