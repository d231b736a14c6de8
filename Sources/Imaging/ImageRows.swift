/// A picture of 8-bit RGB pixels that is made row by row whenever it is drawn, and never whole in memory.
public struct ImageRows: Sendable {
    public let width, height: Int
    /// Begins at the top: each call of the result writes the next row, `width * 3` values.
    let start: @Sendable () -> (UnsafeMutablePointer<UInt8>) -> Void

    /// - Precondition: both sides are at least 1.
    init(width: Int, height: Int, start: @escaping @Sendable () -> (UnsafeMutablePointer<UInt8>) -> Void) {
        precondition(width > 0 && height > 0, "a picture needs at least one pixel")
        (self.width, self.height, self.start) = (width, height, start)
    }

    /// Draws the picture: calls `body` with one row after another, top-down.
    func forEachRow(_ body: (UnsafePointer<UInt8>) throws(ImageError) -> Void) throws(ImageError) {
        let row = UnsafeMutablePointer<UInt8>.allocate(capacity: 3 * width), next = start()
        defer { row.deallocate() }
        for _ in 0..<height {
            next(row)
            try body(row)
        }
    }

    /// The picture whole in memory.
    public var image: Image {
        let next = start()
        return Image(width: width, height: height) { pixels in
            for y in 0..<height { next(pixels + 3 * width * y) }
        }
    }
}

extension Image {
    /// The picture's rows.
    public var rows: ImageRows {
        ImageRows(width: width, height: height) {
            var y = 0
            return { row in
                pixels.withUnsafeBufferPointer { pixels in
                    row.update(from: pixels.baseAddress! + 3 * width * y, count: 3 * width)
                }
                y += 1
            }
        }
    }

    /// Whether a JPEG can hold so many pixels a side: 65500 at most.
    public var fitsJPEG: Bool { rows.fitsJPEG }

    /// The bytes of a baseline JPEG file, see `ImageRows.encodeJPEG`.
    public func jpeg(quality: Int, chroma: ChromaSampling = .halved, comment: String? = nil) throws(ImageError)
        -> [UInt8]
    {
        try rows.jpeg(quality: quality, chroma: chroma, comment: comment)
    }

    /// The bytes of a PNG file, see `ImageRows.encodePNG`.
    public func png(software: String? = nil) throws(ImageError) -> [UInt8] { try rows.png(software: software) }
}
