/// max(x, 0), and Clip: min(max(x, low), high), the rectifier of MobileNets as Clip(0, 6).
/// https://onnx.ai/onnx/operators/onnx__Relu.html, onnx__Clip.html
package struct Relu: Operator {
    package let activation: Activation
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        outputShapes = [try node.shape(0)]
        activation =
            node.node.opType == "Relu"
            ? .relu
            : Activation(
                low: try node.float("min", orOperand: 1) ?? -.infinity,
                high: try node.float("max", orOperand: 2) ?? .infinity)
    }
}

/// y = min(max(x, low), high).
package struct Activation: Hashable, Sendable {
    package var low: Float = 0
    package var high: Float = .infinity

    static let relu = Activation()
}
