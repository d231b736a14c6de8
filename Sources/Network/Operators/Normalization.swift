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
        let input = try node.shape(0)
        outputShapes = [input.shape]
        epsilon = Double(try node.float("epsilon", default: 1e-5))
        subtractsMean = node.node.opType != "RMSNormalization"
        switch node.node.opType {
        case "LayerNormalization", "RMSNormalization":
            let axis = try node.axis(of: input, default: -1)
            let normalised = try Shape(Array(input.dims[axis...]))
            (row, gainRun) = (normalised.count, 1)
            gain = try node.floats(1, spreadOver: normalised)
            bias = node.has(2) ? try node.floats(2, spreadOver: normalised) : nil
        default:
            guard input.rank > 2, input.count > 0 else { throw .shape("\(input) has no channels with a map each") }
            let channels = try input[1]
            let groups = node.node.opType == "GroupNormalization" ? try node.int("num_groups", default: 1) : channels
            guard groups > 0, try channels % groups == 0 else {
                throw .attribute("num_groups", "\(groups) for \(channels) channels")
            }
            let run = try input.dims[2...].product(), each = try channels / groups
            (row, gainRun) = (try (each * run).value, run.value)
            // Before operator set 21 GroupNormalization had one gain a group.
            func perChannel(_ index: Int) throws(OperatorFault) -> [Float] {
                let values = try node.floats(index).storage.values
                guard values.count == channels.value || values.count == groups.value else {
                    throw .shape("operand \(index) does not fit \(channels) channels")
                }
                let shared = values.count == channels.value ? 1 : each.value
                return (0..<channels.value).map { values[$0 / shared] }
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
        guard try Shape.broadcast(shape.shape, target) == target else {
            throw .shape("operand \(index) of shape \(shape) does not fit \(target)")
        }
        try countTable(Extent(target.count), bytes: 4)
        return shape.shape.spread(storage.values, to: target)
    }
}
