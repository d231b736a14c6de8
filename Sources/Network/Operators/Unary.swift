/// Elementwise functions of one operand, each with its derivative. https://onnx.ai/onnx/operators/
package struct Unary: Operator {
    package let function: UnaryFunction
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        outputShapes = [try node.shape(0)]
        function = try UnaryFunction(node)
    }
}
