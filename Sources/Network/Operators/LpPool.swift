/// The p-norm under a sliding window: y = (sum |x|^p)^(1/p). https://onnx.ai/onnx/operators/onnx__LpPool.html
package struct LpPool: Operator {
    package let window: Window
    package let channels, maps: Int
    package let p: Float
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        guard input.rank == 4 else { throw .shape("\(input) is not a map") }
        if node.node.opType == "GlobalLpPool" {
            window = Window(
                kernel: (input[2], input[3]), padTop: 0, padLeft: 0, input: (input[2], input[3]), output: (1, 1))
        } else {
            window = try Window(node, input: input, kernel: try node.ints("kernel_shape") ?? [])
        }
        p = Float(try node.int("p", default: 2))
        (maps, channels) = (input[0], input[1])
        outputShapes = [Shape([maps, channels, window.outHeight, window.outWidth])]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { .none }
    package var spatialEffect: SpatialEffect { .window }
    package var numberEffect: NumberEffect { .pooled }
}
