import CPNGTrap

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
    func image() throws(ImageError) -> Image {
        let width = Int(png_reader_width(handle)), height = Int(png_reader_height(handle))
        try Image.checkSize(width, height)
        var status: Int32 = 0
        let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, filled in
            status = png_reader_pixels(handle, buffer.baseAddress)
            filled = status < 0 ? 0 : width * height * 3
        }
        try check(status)
        return Image(width: width, height: height, pixels: pixels).upright(orientation)
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
