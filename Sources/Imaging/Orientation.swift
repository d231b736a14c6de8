/// How a stored picture is to be turned to stand upright: tag 0x0112 of EXIF (CIPA DC-008, 4.6.5.1.4), where
/// the names say what is done to the stored picture.
enum Orientation: UInt16 {
    case upright = 1, mirror, rotate180, flip, transpose, rotate90, transverse, rotate270

    /// Reads the tag from a TIFF structure; upright where it is missing, out of range or malformed.
    ///
    /// The count of values is not looked at, and of the types only unsigned short and long are obeyed, as OpenCV does.
    init(exif: UnsafeRawBufferPointer) {
        self = Orientation.tag(in: exif).flatMap(Orientation.init) ?? .upright
    }

    private static func tag(in exif: UnsafeRawBufferPointer) -> UInt16? {
        guard exif.count >= 8, exif[0] == exif[1], exif[0] == UInt8(ascii: "I") || exif[0] == UInt8(ascii: "M") else { return nil }
        let little = exif[0] == UInt8(ascii: "I")
        func short(_ at: Int) -> Int? {
            guard at >= 0, at <= exif.count - 2 else { return nil }
            return little ? Int(exif[at]) | Int(exif[at + 1]) << 8 : Int(exif[at]) << 8 | Int(exif[at + 1])
        }
        func long(_ at: Int) -> Int? {
            guard let first = short(at), let second = short(at + 2) else { return nil }
            return little ? first | second << 16 : first << 16 | second
        }
        guard short(2) == 42, let directory = long(4), let entries = short(directory) else { return nil }
        for entry in 0..<entries {
            let at = directory + 2 + 12 * entry
            guard let tag = short(at), let type = short(at + 2) else { return nil }
            guard tag == 0x0112 else { continue }
            let value = type == 3 ? short(at + 8) : type == 4 ? long(at + 8) : nil
            return value.flatMap { UInt16(exactly: $0) }
        }
        return nil
    }
}

extension Image {
    /// The picture turned upright.
    func upright(_ orientation: Orientation) -> Image {
        let (w, h) = (width, height)
        // The stored pixel of the upright picture's first, and the steps to it for one pixel to the right and one row down.
        let (first, right, down): (Int, Int, Int) = switch orientation {
        case .upright: (0, 1, w)
        case .mirror: (w - 1, -1, w)
        case .rotate180: (w * h - 1, -1, -w)
        case .flip: ((h - 1) * w, 1, -w)
        case .transpose: (0, w, 1)
        case .rotate90: ((h - 1) * w, -w, 1)
        case .transverse: (w * h - 1, -w, -1)
        case .rotate270: (w - 1, w, -1)
        }
        if orientation == .upright { return self }
        let turned = abs(right) != 1 || w == 1 && orientation.rawValue > 4
        return rearranged(width: turned ? h : w, height: turned ? w : h, first: first, right: right, down: down)
    }

    /// Pixel (x, y) of the result is the stored pixel `first + x * right + y * down`.
    private func rearranged(width: Int, height: Int, first: Int, right: Int, down: Int) -> Image {
        let tile = 32  // columns and rows copied together, so that both pictures stay in the cache
        return pixels.withUnsafeBufferPointer { source in
            Image(width: width, height: height) { target in
                for top in stride(from: 0, to: height, by: tile) {
                    for left in stride(from: 0, to: width, by: tile) {
                        for y in top..<min(top + tile, height) {
                            var from = 3 * (first + left * right + y * down), to = 3 * (y * width + left)
                            for _ in left..<min(left + tile, width) {
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
    }
}
