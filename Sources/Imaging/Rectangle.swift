/// A rectangle over a picture, in its pixels from the upper left corner: pixel i reaches from i to i + 1.
public struct Rectangle: Sendable, Equatable {
    /// The corners; the lower right one is the first beyond the rectangle.
    public let x0, y0, x1, y1: Double

    /// From corner to corner.
    public init(x0: Double, y0: Double, x1: Double, y1: Double) {
        (self.x0, self.y0, self.x1, self.y1) = (x0, y0, x1, y1)
    }

    /// In pixels; 0 where nothing is between the corners.
    public var area: Double { max(x1 - x0, 0) * max(y1 - y0, 0) }

    /// The area that both cover over the area that either covers, 0..1 (IoU); 0 where neither has one.
    public func overlap(with other: Rectangle) -> Double {
        let both = Rectangle(x0: max(x0, other.x0), y0: max(y0, other.y0), x1: min(x1, other.x1), y1: min(y1, other.y1))
        let either = area + other.area - both.area
        return either > 0 ? both.area / either : 0
    }

    /// The least one around two.
    func union(_ other: Rectangle) -> Rectangle {
        Rectangle(x0: min(x0, other.x0), y0: min(y0, other.y0), x1: max(x1, other.x1), y1: max(y1, other.y1))
    }
}
