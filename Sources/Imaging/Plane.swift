/// A map of one float a pixel.
public struct Plane: Sendable, Equatable {
    public let width, height: Int
    /// height x width, rows top-down.
    public var values: [Float]

    /// - Precondition: `values` holds `width * height` values; both sides are at least 1.
    public init(width: Int, height: Int, values: [Float]) {
        precondition(width > 0 && height > 0 && values.count == width * height, "a plane needs width * height values")
        self.width = width
        self.height = height
        self.values = values
    }
}
