/// What a layer adds to every place of its map.
public struct Bias: Sendable {
    /// The layer's values with it, before any activation.
    public let value: ValueID
    /// One number a channel.
    public let numbers: [Float]
}

extension Graph {
    /// The biases of the convolutions and batch norms on the way to the scores whose values are maps of more than one
    /// place, in the order in which they run. That of a batch norm is what it adds to scale * x, its running mean
    /// included; a constant that is added to a convolution without a bias is its bias.
    public var biases: [Bias] {
        let onPath = ancestors(of: logits)
        return nodes.compactMap { node in
            let value = node.outputs[0]
            guard onPath.contains(value) else { return nil }
            switch node.op {
            case let convolution as Conv:
                guard let numbers = convolution.bias?.values else { return addedBias(after: value) }
                return isMap(value) ? Bias(value: value, numbers: numbers) : nil
            case let norm as BatchNormalization: return isMap(value) ? Bias(value: value, numbers: norm.shift) : nil
            default: return nil
            }
        }
    }

    /// The constant of one number a channel that the only reader of a value adds to it.
    private func addedBias(after value: ValueID) -> Bias? {
        guard consumers[value].count == 1, let reader = consumers[value].first, nodes[reader].op is Add,
            let sum = place(ofNode: reader), isMap(sum.value),
            let axis = sum.form.channelAxis(in: values[sum.value].shape)
        else { return nil }
        let rest = values[sum.value].shape.rank - axis
        for case .constant(let shape, let storage)? in nodes[reader].operands {
            let isPerChannel = shape.rank >= rest && shape[shape.rank - rest] == sum.channels
            guard isPerChannel, storage.count == sum.channels else { return nil }
            return Bias(value: sum.value, numbers: storage.values)
        }
        return nil
    }
}
