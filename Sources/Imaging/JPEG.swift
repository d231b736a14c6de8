import CJPEGTrap
import Platform

/// Decodes one JPEG by libjpeg.
final class JPEGReader {
    private var handle: OpaquePointer?
    private let message = UnsafeMutablePointer<CChar>.allocate(capacity: Int(JMSG_LENGTH_MAX))

    /// Reads the header; `bytes` must outlive the reader.
    init(_ bytes: UnsafeRawBufferPointer) throws(ImageError) {
        message.initialize(repeating: 0, count: Int(JMSG_LENGTH_MAX))
        try check(jpeg_reader_open(&handle, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, message))
    }

    deinit {
        jpeg_reader_close(handle)
        message.deallocate()
    }

    /// The upright picture.
    func image() throws(ImageError) -> Image {
        let width = Int(jpeg_reader_width(handle)), height = Int(jpeg_reader_height(handle))
        try Image.checkSize(width, height)
        let count = width * height * Int(jpeg_reader_channels(handle)), orientation = orientation
        var status: Int32 = 0
        var pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            status = jpeg_reader_pixels(handle, buffer.baseAddress)
            filled = status < 0 ? 0 : count
        }
        try check(status)
        if jpeg_reader_channels(handle) == 4 { pixels = rgb(fromInvertedCMYK: pixels) }
        var image = Image(width: width, height: height, pixels: pixels).upright(orientation)
        if status > 0 { image.warning = String(cString: message) }
        return image
    }

    /// Of the first Exif segment that has one.
    private var orientation: Orientation {
        var marker: jpeg_saved_marker_ptr?, count = 0
        while let exif = jpeg_reader_exif(handle, &marker, &count) {
            if let orientation = Orientation(exif: UnsafeRawBufferPointer(start: exif, count: count)) {
                return orientation
            }
        }
        return .upright
    }

    private func check(_ status: Int32) throws(ImageError) {
        if status < 0 { throw .damaged(format: "JPEG", reason: String(cString: message)) }
    }

    /// R = K - (255 - C) * K / 256, rounded towards minus infinity, and so for G and B: OpenCV's conversion of Adobe's
    /// inverted CMYK.
    private func rgb(fromInvertedCMYK cmyk: [UInt8]) -> [UInt8] {
        let count = cmyk.count / 4
        return [UInt8](unsafeUninitializedCapacity: 3 * count) { rgb, filled in
            cmyk.withUnsafeBufferPointer { cmyk in
                for pixel in 0..<count {
                    let k = Int32(cmyk[4 &* pixel &+ 3])
                    for ink in 0..<3 {
                        rgb[3 &* pixel &+ ink] = UInt8(
                            truncatingIfNeeded: k &- ((255 &- Int32(cmyk[4 &* pixel &+ ink])) &* k) >> 8)
                    }
                }
            }
            filled = 3 * count
        }
    }
}

/// How much of the colour's resolution a JPEG keeps.
public enum ChromaSampling: Sendable {
    /// One colour sample for 2 x 2 pixels (4:2:0), the default of OpenCV's `imwrite`.
    case halved
    /// One colour sample a pixel (4:4:4).
    case full
}

extension Image {
    /// Whether a JPEG can hold so many pixels a side: 65500 at most.
    public var fitsJPEG: Bool { max(width, height) <= JPEG_MAX_DIMENSION }

    /// The bytes of a baseline JPEG file.
    /// - Parameter quality: 1 (smallest file) to 100 (closest to the picture), on libjpeg's scale.
    /// - Parameter comment: what the file says in a comment segment (COM), if anything.
    /// - Throws: `ImageError.unencodable` for a side above 65500 pixels, a quality outside the range or a comment above
    ///   65533 bytes.
    public func jpeg(quality: Int, chroma: ChromaSampling = .halved, comment: String? = nil) throws(ImageError)
        -> [UInt8]
    {
        guard 1...100 ~= quality else { throw .unencodable(reason: "quality \(quality) is not in 1 to 100") }
        guard fitsJPEG else {
            throw .unencodable(reason: "\(width) x \(height) pixels: a side may have at most \(JPEG_MAX_DIMENSION)")
        }
        if let comment, comment.utf8.count > 65533 {
            throw .unencodable(reason: "the comment is longer than 65533 bytes")
        }
        var bytes: UnsafeMutablePointer<UInt8>?, count: UInt = 0
        defer { free(bytes) }
        var message = [CChar](repeating: 0, count: Int(JMSG_LENGTH_MAX))
        let status = jpeg_write_rgb(
            pixels, UInt32(width), UInt32(height), Int32(quality), chroma == .halved ? 1 : 0, comment, &bytes, &count,
            &message)
        guard status == 0 else {
            throw .unencodable(
                reason: String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
        }
        return [UInt8](UnsafeBufferPointer(start: bytes, count: Int(count)))
    }
}
