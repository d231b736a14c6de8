/// Local response normalisation over neighbouring channels: y = x / (bias + alpha / size * sum x^2)^beta.
/// https://onnx.ai/onnx/operators/onnx__LRN.html
package struct LRN: Operator {
    package let size: Int
    package let alpha, beta, bias: Float
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let input = try node.shape(0)
        guard input.rank == 4, input.count > 0 else { throw .shape("\(input) is not a map") }
        guard let size = try node.int("size"), size > 0, size < 65536 else {
            throw .attribute("size", try node.int("size")?.description ?? "missing")
        }
        self.size = size.value
        alpha = try node.float("alpha", default: 1e-4) / Float(size.value)
        beta = try node.float("beta", default: 0.75)
        bias = try node.float("bias", default: 1)
        outputShapes = [input.shape]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { .none }
    package var spatialEffect: SpatialEffect { .pointwise }
    package var numberEffect: NumberEffect { .other }
    package var operations: Double { Double(outputShapes[0].count) * Double(size) }
}
