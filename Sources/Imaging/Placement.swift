/// Which rectangle of a photo a network's input shows, in pixels of the photo: smaller than the photo after a crop,
/// larger than it after a letterbox.
public struct Placement: Sendable, Equatable {
    /// The photo's size.
    public let photoWidth, photoHeight: Int
    /// The rectangle's upper left corner; negative where the input starts outside the photo.
    public let x, y: Double
    /// The rectangle's size.
    public let width, height: Double

    /// A rectangle of a photo of this size.
    public init(photoWidth: Int, photoHeight: Int, x: Double, y: Double, width: Double, height: Double) {
        self.photoWidth = photoWidth
        self.photoHeight = photoHeight
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// The same on the photo at another size.
    public func scaled(width newWidth: Int, height newHeight: Int) -> Placement {
        if newWidth == photoWidth, newHeight == photoHeight { return self }
        let across = Double(photoWidth), down = Double(photoHeight)
        return Placement(
            photoWidth: newWidth, photoHeight: newHeight, x: x * Double(newWidth) / across,
            y: y * Double(newHeight) / down, width: width * Double(newWidth) / across,
            height: height * Double(newHeight) / down)
    }
}
