/// How a stored picture is to be turned to stand upright: tag 0x0112 of EXIF (CIPA DC-008, 4.6.5.1.4), where
/// the names say what is done to the stored picture.
enum Orientation: UInt16 {
    case upright = 1, mirror, rotate180, flip, transpose, rotate90, transverse, rotate270

    /// Reads the tag from a TIFF structure; nil where it has none. Read as OpenCV does: the tag's type and count are
    /// not looked at, values out of range mean upright, and a name of the camera that lies outside the data voids what
    /// follows.
    init?(exif: UnsafeRawBufferPointer) {
        let little = exif.starts(with: "II".utf8)
        func short(_ at: Int) -> Int? {
            guard at >= 0, at <= exif.count - 2 else { return nil }
            return little ? Int(exif[at]) | Int(exif[at + 1]) << 8 : Int(exif[at]) << 8 | Int(exif[at + 1])
        }
        func long(_ at: Int) -> Int? {
            guard let first = short(at), let second = short(at + 2) else { return nil }
            return little ? first | second << 16 : first << 16 | second
        }
        guard short(2) == 42, let directory = long(4), let entries = short(directory) else { return nil }
        for at in stride(from: directory + 2, to: directory + 2 + 12 * entries, by: 12) {
            switch short(at) {
            case nil: return nil
            case 0x010E, 0x010F, 0x0110: // description, make, model
                guard let count = long(at + 4), let start = long(at + 8), count <= 4 || start + count <= exif.count
                else { return nil }
            case 0x0112:
                guard let value = short(at + 8) else { return nil }
                self = Orientation(rawValue: UInt16(value)) ?? .upright
                return
            default: break
            }
        }
        return nil
    }
}

extension Image {
    /// The picture turned upright.
    func upright(_ orientation: Orientation) -> Image {
        if orientation == .upright { return self }
        let turn = Turn(orientation, width: width, height: height)
        return pixels.withUnsafeBufferPointer { source in
            Image(width: turn.width, height: turn.height) { target in
                turn.copy(rows: 0..<height, from: source.baseAddress!, into: target)
            }
        }
    }
}

/// How the pixels of a stored picture lie in the upright one.
struct Turn {
    /// Of the upright picture.
    let width, height: Int
    /// The stored pixel of the upright picture's first, and the steps to it for one pixel to the right and one row down.
    private let first, right, down: Int
    private let storedWidth, storedHeight: Int
    private let swapsSides: Bool

    /// - Parameters:
    ///   - w, h: the stored picture's sides.
    init(_ orientation: Orientation, width w: Int, height h: Int) {
        (first, right, down) =
            switch orientation {
            case .upright: (0, 1, w)
            case .mirror: (w - 1, -1, w)
            case .rotate180: (w * h - 1, -1, -w)
            case .flip: ((h - 1) * w, 1, -w)
            case .transpose: (0, w, 1)
            case .rotate90: ((h - 1) * w, -w, 1)
            case .transverse: (w * h - 1, -w, -1)
            case .rotate270: (w - 1, w, -1)
            }
        swapsSides = orientation.rawValue > 4
        (width, height) = swapsSides ? (h, w) : (w, h)
        (storedWidth, storedHeight) = (w, h)
    }

    /// Puts some stored rows in their places.
    ///
    /// - Parameters:
    ///   - source: the first of them; they lie one behind another.
    ///   - target: the upright picture.
    func copy(rows: Range<Int>, from source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>) {
        let isBackward = (swapsSides ? right : down) < 0
        let places = isBackward ? storedHeight - rows.upperBound..<storedHeight - rows.lowerBound : rows
        let columns = swapsSides ? places : 0..<width, lines = swapsSides ? 0..<height : places
        let start = first - rows.lowerBound * storedWidth
        let tile = 32 // columns and rows copied together, so that both pictures stay in the cache
        for top in stride(from: lines.lowerBound, to: lines.upperBound, by: tile) {
            for left in stride(from: columns.lowerBound, to: columns.upperBound, by: tile) {
                for y in top..<min(top + tile, lines.upperBound) {
                    var from = 3 * (start + left * right + y * down), to = 3 * (y * width + left)
                    for _ in left..<min(left + tile, columns.upperBound) {
                        target[to] = source[from]
                        target[to + 1] = source[from + 1]
                        target[to + 2] = source[from + 2]
                        from += 3 * right
                        to += 3
                    }
                }
            }
        }
    }
}
