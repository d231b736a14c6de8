/// Activations or gradients of one image at one layer: channels x height x width, row-major, owned.
public struct Volume: Sendable, Equatable {
    public let channels, height, width: Int
    public var values: [Float]

    public init(channels: Int, height: Int, width: Int, values: [Float]) {
        precondition(values.count == channels * height * width)
        (self.channels, self.height, self.width, self.values) = (channels, height, width, values)
    }

    public var area: Int { height * width }

    /// Copies one image out of a view: [1, C, H, W] in either layout; [1, C] and [C] are a 1 x 1 map.
    init(_ view: TensorView, image: Int) {
        let shape = view.shape
        let channels = shape.rank >= 2 ? shape[1] : shape.count
        let area = shape.count / max(channels, 1)
        let height = shape.rank > 3 ? shape[2] : 1
        let source = view.image(image)
        let values = [Float](unsafeUninitializedCapacity: shape.count) { target, count in
            if view.layout == .plain {
                target.baseAddress!.initialize(from: source, count: shape.count)
            } else {
                for c in 0..<channels { for i in 0..<area { target[c * area + i] = source[i * channels + c] } }
            }
            count = shape.count
        }
        self.init(channels: channels, height: height, width: area / max(height, 1), values: values)
    }
}
