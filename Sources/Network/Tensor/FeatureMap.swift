/// Activations or gradients of one image at one layer: channels x height x width, row-major, owned.
public struct FeatureMap: Sendable, Equatable {
    /// Extents.
    public let channels, height, width: Int
    /// channels x height x width, row-major.
    public var values: [Float]

    /// - Precondition: channels * height * width numbers.
    public init(channels: Int, height: Int, width: Int, values: [Float]) {
        precondition(values.count == channels * height * width)
        (self.channels, self.height, self.width, self.values) = (channels, height, width, values)
    }

    /// Numbers in a channel.
    public var area: Int { height * width }
}

extension Graph {
    /// A value as a map over the photo; any value that is none is a 1 x 1 map of all its numbers. Class and register
    /// tokens are left out.
    public func featureMap(_ tensor: Tensor, at value: ValueID) -> FeatureMap {
        let shape = tensor.shape
        guard let layout = maps[value], let channelAxis = layout.channelAxis(in: shape) else {
            return FeatureMap(channels: tensor.values.count, height: 1, width: 1, values: tensor.values)
        }
        let (channels, height, width) = (shape[channelAxis], layout.height, layout.width)
        let strides = shape.strides
        let (row, column, start) =
            switch layout.place {
            case .grid(let row, let column): (strides[row], strides[column], 0)
            case .tokens(let axis, let first): (width * strides[axis], strides[axis], first * strides[axis])
            }
        let step = strides[channelAxis]
        if start == 0, step == height * width, row == width, column == 1, shape.count == channels * step {
            return FeatureMap(channels: channels, height: height, width: width, values: tensor.values)
        }
        let values = [Float](unsafeUninitializedCapacity: channels * height * width) { target, count in
            tensor.values.withUnsafeBufferPointer { source in
                for y in 0..<height {
                    for x in 0..<width {
                        let from = start + y * row + x * column
                        for c in 0..<channels { target[(c * height + y) * width + x] = source[from + c * step] }
                    }
                }
            }
            count = channels * height * width
        }
        return FeatureMap(channels: channels, height: height, width: width, values: values)
    }
}
