/// y = (x - mean) / sqrt(variance + epsilon) * gain + bias, with the mean and variance of rows of neighbouring numbers:
/// of a layer's trailing axes, of a group of channels, of one channel. RMSNormalization leaves out the mean.
/// https://onnx.ai/onnx/operators/onnx__LayerNormalization.html, onnx__GroupNormalization.html,
/// onnx__InstanceNormalization.html, onnx__RMSNormalization.html
package struct Normalization: Operator {
    /// Numbers that share a mean.
    package let row: Int
    package let epsilon: Double
    package let subtractsMean: Bool
    /// Element i of an image has gain[i / gainRun % gain.count], and so has the bias.
    package let gain: [Float]
    package let bias: [Float]?
    package let gainRun: Int
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        outputShapes = [input]
        epsilon = Double(try node.float("epsilon", default: 1e-5))
        subtractsMean = node.node.opType != "RMSNormalization"
        switch node.node.opType {
        case "LayerNormalization", "RMSNormalization":
            let axis = try node.axis(try node.int("axis", default: -1), in: input)
            let normalised = Shape(Array(input.dims[axis...]))
            (row, gainRun) = (normalised.count, 1)
            gain = try node.floats(1, spreadOver: normalised)
            bias = node.has(2) ? try node.floats(2, spreadOver: normalised) : nil
        default:
            guard input.rank > 2, input.count > 0 else { throw .shape("\(input) has no channels with a map each") }
            let channels = input[1]
            let groups = node.node.opType == "GroupNormalization" ? try node.int("num_groups", default: 1) : channels
            guard groups > 0, channels % groups == 0 else {
                throw .attribute("num_groups", "\(groups) for \(channels) channels")
            }
            gainRun = input.dims[2...].reduce(1, *)
            row = channels / groups * gainRun
            // Before operator set 21 GroupNormalization had one gain a group.
            func perChannel(_ index: Int) throws(OperatorFault) -> [Float] {
                let values = try node.floats(index).storage.values
                guard values.count == channels || values.count == groups else {
                    throw .shape("operand \(index) does not fit \(channels) channels")
                }
                return (0..<channels).map { values[values.count == channels ? $0 : $0 / (channels / groups)] }
            }
            (gain, bias) = (try perChannel(1), try perChannel(2))
        }
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { .none }
    package var spatialEffect: SpatialEffect { .pointwise }
    package var numberEffect: NumberEffect { .other }
}

extension NodeReader {
    /// A constant's numbers, broadcast over a shape.
    func floats(_ index: Int, spreadOver target: Shape) throws(OperatorFault) -> [Float] {
        let (shape, storage) = try floats(index)
        guard Shape.broadcast(shape, target) == target else {
            throw .shape("operand \(index) of shape \(shape) does not fit \(target)")
        }
        return shape.spread(storage.values, to: target)
    }
}
