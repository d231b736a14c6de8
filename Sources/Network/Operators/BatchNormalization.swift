/// (x - mean) / sqrt(variance + epsilon) * gain + bias with the running statistics: per channel scale * x + shift. A
/// constant (weights that are standardised as the network runs) may be normalised by its own statistics, as
/// `training_mode` asks. https://onnx.ai/onnx/operators/onnx__BatchNormalization.html
package struct BatchNormalization: Operator {
    package let scale, shift: [Float]
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let shape = try node.shape(0)
        guard shape.rank >= 2, shape.count > 0 else { throw .shape("\(shape) has no channels to normalise") }
        let channels = try shape[1].value
        let own = try node.flag("training_mode") ? Self.statistics(node) : nil
        var parts: [FloatStorage] = []
        for index in 1...4 {
            parts.append(try node.floats(index).storage)
            guard parts[index - 1].count == channels else {
                throw .shape("operand \(index) does not fit \(channels) channels")
            }
        }
        let epsilon = Double(try node.float("epsilon", default: 1e-5))
        let (means, variances) = own ?? (parts[2].values.map(Double.init), parts[3].values.map(Double.init))
        let factors = (0..<channels).map { Double(parts[0][$0]) / (variances[$0] + epsilon).squareRoot() }
        scale = factors.map { Float($0) }
        shift = (0..<channels).map { Float(Double(parts[1][$0]) - factors[$0] * means[$0]) }
        outputShapes = [shape.shape]
    }

    /// Mean and population variance of every channel of a constant.
    private static func statistics(_ node: NodeReader) throws(OperatorFault) -> (means: [Double], variances: [Double]) {
        guard case .floats(let shape, let storage) = try node.required(0) else { throw .shape(trainingAdvice) }
        let (images, channels, inner) = try Extents(shape).around(1)
        let count = Double(images) * Double(inner)
        let values = storage.values
        func mean(ofChannel channel: Int, _ f: (Double) -> Double) -> Double {
            var sum = 0.0
            for n in 0..<images {
                for i in 0..<inner { sum += f(Double(values[(n * channels + channel) * inner + i])) }
            }
            return sum / count
        }
        let means = (0..<channels).map { mean(ofChannel: $0) { $0 } }
        return (
            means,
            (0..<channels).map { channel in mean(ofChannel: channel) { ($0 - means[channel]) * ($0 - means[channel]) } }
        )
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { .none }
    package var spatialEffect: SpatialEffect { .pointwise }
    package var numberEffect: NumberEffect { .other }
}
