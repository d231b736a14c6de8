/// The maximum under a sliding window. https://onnx.ai/onnx/operators/onnx__MaxPool.html
/// The gradient goes to the first maximum in row-major order, as in PyTorch.
package struct MaxPool: Operator {
    package let window: Window
    package let channels, maps: Int
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let input = try node.shape(0)
        if node.node.opType == "GlobalMaxPool" {
            guard input.rank == 4 else { throw .shape("\(input) is not a map") }
            window = try Window(over: input)
        } else {
            window = try Window(node, input: input, kernel: try node.ints("kernel_shape") ?? [])
        }
        guard node.node.outputs.dropFirst().allSatisfy(\.isEmpty) else {
            throw .shape("its second output, the indices of the maxima, is not supported")
        }
        if try node.int("storage_order", default: 0) != 0 { throw .attribute("storage_order", "1") }
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
