/// The mean under a sliding window. https://onnx.ai/onnx/operators/onnx__AveragePool.html
package struct AveragePool: Operator {
    package let window: Window
    package let channels, maps: Int
    /// Whether the padding counts as zeros in the mean.
    package let includesPadding: Bool
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let input = try node.shape(0)
        window = try Window(node, input: input, kernel: try node.ints("kernel_shape") ?? [])
        includesPadding = try node.flag("count_include_pad")
        (maps, channels) = (try input[0].value, try input[1].value)
        outputShapes = [try window.output(of: input)]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { .none }
    package var spatialEffect: SpatialEffect { .window }
    package var numberEffect: NumberEffect { .pooled }
    package var operations: Double {
        Double(outputShapes[0].count) * Double(window.kernelHeight) * Double(window.kernelWidth)
    }
}
