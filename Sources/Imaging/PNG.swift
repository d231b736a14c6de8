import CPNGTrap
import Platform

/// Decodes one PNG by libpng.
final class PNGReader {
    private var handle: OpaquePointer?
    private let message = UnsafeMutablePointer<CChar>.allocate(capacity: Int(PNG_MESSAGE_LENGTH))

    /// Reads the header; `bytes` must outlive the reader.
    init(_ bytes: UnsafeRawBufferPointer) throws(ImageError) {
        message.initialize(repeating: 0, count: Int(PNG_MESSAGE_LENGTH))
        try check(png_reader_open(&handle, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, message))
    }

    deinit {
        png_reader_close(handle)
        message.deallocate()
    }

    /// The upright picture.
    /// - Parameter bitDepth: of a file of 16 bits.
    func image(bitDepth: BitDepth?) throws(ImageError) -> Image {
        let width = Int(png_reader_width(handle)), height = Int(png_reader_height(handle))
        try Image.checkSize(width, height)
        guard png_reader_depth(handle) == 16 else {
            return Image(width: width, height: height, pixels: try samples(width * height * 3)).upright(orientation)
        }
        let deep = DeepSamples(
            try samples(width * height * 3), significant: Int(png_reader_significant_bits(handle)), as: bitDepth)
        var image = Image(width: width, height: height, pixels: deep.pixels).upright(orientation)
        image.depthRemark = deep.remark
        return image
    }

    private func samples<Sample: FixedWidthInteger>(_ count: Int) throws(ImageError) -> [Sample] {
        var status: Int32 = 0
        let samples = [Sample](unsafeUninitializedCapacity: count) { buffer, filled in
            status = png_reader_pixels(handle, buffer.baseAddress)
            filled = status < 0 ? 0 : count
        }
        try check(status)
        return samples
    }

    private var orientation: Orientation {
        var count = 0
        guard let exif = png_reader_exif(handle, &count) else { return .upright }
        return Orientation(exif: UnsafeRawBufferPointer(start: exif, count: count)) ?? .upright
    }

    private func check(_ status: Int32) throws(ImageError) {
        if status < 0 { throw .damaged(format: "PNG", reason: String(cString: message)) }
    }
}

extension Image {
    /// The bytes of a PNG file of 8-bit RGB, which holds these very pixels.
    /// - Parameter software: what the file says in a text chunk `Software`, if anything.
    /// - Throws: `ImageError.unencodable` where the memory does not suffice.
    public func png(software: String? = nil) throws(ImageError) -> [UInt8] {
        var bytes: UnsafeMutablePointer<UInt8>?, count = 0
        defer { free(bytes) }
        var message = [CChar](repeating: 0, count: Int(PNG_MESSAGE_LENGTH))
        guard png_write_rgb(pixels, UInt32(width), UInt32(height), software, &bytes, &count, &message) == 0 else {
            throw .unencodable(
                reason: String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
        }
        return [UInt8](UnsafeBufferPointer(start: bytes, count: count))
    }
}
