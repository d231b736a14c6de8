/// A value of one image, copied out of a run: row-major numbers in ONNX's own order of axes.
public struct Tensor: Sendable, Equatable {
    /// One image's extents, outermost first.
    public let shape: Shape
    /// As many as the shape counts.
    public var values: [Float]

    /// - Precondition: as many numbers as the shape counts.
    public init(shape: Shape, values: [Float]) {
        precondition(values.count == shape.count)
        (self.shape, self.values) = (shape, values)
    }
}
