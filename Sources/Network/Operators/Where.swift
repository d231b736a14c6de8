/// y = condition ? a : b with broadcasting; the condition is constant or computed.
/// https://onnx.ai/onnx/operators/onnx__Where.html
package struct Where: Operator {
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        guard node.operands.count == 3 else { throw .missingOperand(2) }
        outputShapes = [try node.broadcastShape()]
    }
}
