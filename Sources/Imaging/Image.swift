/// A picture of 8-bit RGB pixels.
public struct Image: Sendable, Equatable {
    /// The most pixels that a picture may have unless the caller says otherwise: files whose header asks for absurd
    /// amounts of memory are refused.
    public static let mostPixels = 256_000_000

    public let width, height: Int
    /// height x width x 3: rows top-down, red, green, blue interleaved.
    public var pixels: [UInt8]
    /// The decoder's first warning (such as a JPEG that ends too early, whose missing rows are grey), or nil.
    public internal(set) var warning: String?
    /// What is remarkable in a 16-bit picture's samples, or nil.
    public internal(set) var depthRemark: DepthRemark?
    /// The numbers that the picture shows, where it was made of some.
    public internal(set) var numbers: Numbers?

    /// - Precondition: `pixels` holds `width * height * 3` values; both sides are at least 1.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(
            width > 0 && height > 0 && pixels.count == width * height * 3,
            "an image needs width * height * 3 pixel values")
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// Calls `fill` once with room for `width * height * 3` values, all of which it must write unless it throws.
    init<Fault>(
        width: Int, height: Int, fill: (UnsafeMutablePointer<UInt8>) throws(Fault) -> Void
    ) throws(Fault) {
        var fault: Fault?
        let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            do throws(Fault) {
                try fill(base)
                count = width * height * 3
            } catch {
                fault = error
            }
        }
        if let fault { throw fault }
        self.init(width: width, height: height, pixels: pixels)
    }
}
