/// The p-norm under a sliding window: y = (sum |x|^p)^(1/p). https://onnx.ai/onnx/operators/onnx__LpPool.html
package struct LpPool: Operator {
    package let window: Window
    package let channels, maps: Int
    package let p: Float
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let input = try node.shape(0)
        guard input.rank == 4 else { throw .shape("\(input) is not a map") }
        if node.node.opType == "GlobalLpPool" {
            window = try Window(over: input)
        } else {
            window = try Window(node, input: input, kernel: try node.ints("kernel_shape") ?? [])
        }
        p = Float(try node.int("p", default: 2).value)
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
