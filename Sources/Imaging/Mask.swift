/// Which pixels of a picture belong to something; a bit a pixel.
public struct Mask: Sendable, Equatable {
    public let width, height: Int
    /// How many pixels are inside.
    public private(set) var count = 0
    /// 64 pixels a word, one row after another.
    private var words: [UInt64]

    /// - Parameter isInside: asked of every pixel, row by row.
    /// - Precondition: both sides are at least 1.
    public init(width: Int, height: Int, where isInside: (_ x: Int, _ y: Int) -> Bool) {
        self.init(width, height)
        for y in 0..<height {
            for x in 0..<width where isInside(x, y) { insert(x, y) }
        }
    }

    private init(_ width: Int, _ height: Int) {
        precondition(width > 0 && height > 0, "a mask needs at least one pixel")
        (self.width, self.height) = (width, height)
        words = [UInt64](repeating: 0, count: (width * height + 63) / 64)
    }

    /// What lies in any of some rectangles: pixels whose centres do.
    public init(width: Int, height: Int, covering rectangles: [Rectangle]) {
        self.init(width, height)
        // The pixels from the first whose centre is not before the one edge to the last before the other.
        func pixels(_ low: Double, _ high: Double, _ most: Int) -> Range<Int> {
            let (first, last) = ((low - 0.5).rounded(.up), (high - 0.5).rounded(.up))
            return Int(min(max(first, 0), Double(most)))..<Int(min(max(last, first, 0), Double(most)))
        }
        for rectangle in rectangles {
            for y in pixels(rectangle.y0, rectangle.y1, height) {
                for x in pixels(rectangle.x0, rectangle.x1, width) where !contains(x, y) { insert(x, y) }
            }
        }
    }

    /// What is not black in a picture.
    public init(_ image: Image) {
        self.init(width: image.width, height: image.height) { x, y in
            let place = 3 * (y * image.width + x)
            return image.pixels[place] | image.pixels[place + 1] | image.pixels[place + 2] != 0
        }
    }

    /// What is not black in a PNG file, whatever its depth: any sample above 0 counts.
    ///
    /// - Throws: `ImageError.file`; a JPEG is refused, whose pixels beside an edge are not what was drawn.
    public init(contentsOf path: String, mostPixels: Int = Image.mostPixels) throws(ImageError) {
        do throws(ImageError) {
            let bytes = try PictureBytes(file: path, limit: Image.mostBytes(of: mostPixels))
            if bytes.format == .jpeg {
                throw .otherFile(
                    OtherFile(what: "a JPEG", advice: "give the mask as a PNG, which keeps its edges as they are"))
            }
            // Of 8 bits larger samples are white.
            self.init(try Image(bytes, .bits(8), mostPixels))
        } catch {
            throw .file(path: path, error)
        }
    }

    /// What lies above a level of a map, 0..255; see `PlaneRows.otsuLevel`.
    public init(_ map: PlaneRows, above level: Int) {
        var mask = Mask(map.width, map.height)
        map.forEachRow { y, row in
            for x in row.indices where PlaneRows.level(row[x]) > level { mask.insert(x, y) }
        }
        self = mask
    }

    private mutating func insert(_ x: Int, _ y: Int) {
        let place = y * width + x
        words[place >> 6] |= 1 << UInt64(place & 63)
        count += 1
    }

    /// - Precondition: the pixel is in the picture.
    public func contains(_ x: Int, _ y: Int) -> Bool {
        let place = y * width + x
        return words[place >> 6] >> UInt64(place & 63) & 1 == 1
    }

    /// The least rectangle around what is inside; nil where nothing is.
    public var bounds: Rectangle? {
        guard count > 0 else { return nil }
        var (left, top, right, bottom) = (width, height, 0, 0)
        for y in 0..<height {
            for x in 0..<width where contains(x, y) {
                (left, right) = (min(left, x), max(right, x + 1))
                (top, bottom) = (min(top, y), y + 1)
            }
        }
        return Rectangle(x0: Double(left), y0: Double(top), x1: Double(right), y1: Double(bottom))
    }

    /// The mask as a picture, white inside.
    public var rows: ImageRows {
        ImageRows(width: width, height: height) {
            var y = 0
            return { row in
                for x in 0..<width {
                    for channel in 0..<3 { row[3 * x + channel] = contains(x, y) ? 255 : 0 }
                }
                y += 1
            }
        }
    }
}
