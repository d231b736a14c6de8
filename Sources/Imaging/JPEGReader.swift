import CJPEGTrap
import Platform

/// Decodes one JPEG by libjpeg.
final class JPEGReader {
    private var handle: OpaquePointer?
    private let bytes: PictureBytes
    private let message = UnsafeMutablePointer<CChar>.allocate(capacity: Int(JMSG_LENGTH_MAX))

    /// Reads the header.
    init(_ bytes: PictureBytes) throws(ImageError) {
        self.bytes = bytes
        message.initialize(repeating: 0, count: Int(JMSG_LENGTH_MAX))
        try check(jpeg_reader_open(&handle, PictureBytes.source, context(bytes), message))
    }

    deinit {
        jpeg_reader_close(handle)
        message.deallocate()
    }

    /// The upright picture.
    func image(mostPixels: Int) throws(ImageError) -> Image {
        let width = Int(jpeg_reader_width(handle)), height = Int(jpeg_reader_height(handle))
        try Image.checkSize(width, height, mostPixels: mostPixels)
        return try PixelMemory.whileMaking(width: width, height: height) { () throws(ImageError) in
            try image(width, height)
        }
    }

    private func image(_ width: Int, _ height: Int) throws(ImageError) -> Image {
        try check(jpeg_reader_start(handle))
        let isCMYK = jpeg_reader_channels(handle) == 4
        let inks = UnsafeMutablePointer<UInt8>.allocate(capacity: 4 * width)
        defer { inks.deallocate() }
        var complete = height // rows before the file's end was met
        func read(row y: Int, into row: UnsafeMutablePointer<UInt8>) throws(ImageError) {
            try check(jpeg_reader_row(handle, isCMYK ? inks : row))
            if bytes.isOver { complete = min(complete, y) }
            if isCMYK { convert(invertedCMYK: inks, to: row, count: width) }
        }
        // Rows are turned upright in strips, so that no second picture is in memory.
        let begun = orientation, turn = Turn(begun, width: width, height: height)
        let stripHeight = begun == .upright ? 0 : 32
        let strip = UnsafeMutablePointer<UInt8>.allocate(capacity: 3 * width * stripHeight)
        defer { strip.deallocate() }
        var image = try Image(width: turn.width, height: turn.height) { pixels throws(ImageError) in
            if begun == .upright {
                for y in 0..<height { try read(row: y, into: pixels + 3 * width * y) }
                return
            }
            for top in stride(from: 0, to: height, by: stripHeight) {
                let rows = top..<min(top + stripHeight, height)
                for y in rows { try read(row: y, into: strip + 3 * width * (y - top)) }
                turn.copy(rows: rows, from: strip, into: pixels)
            }
        }
        let status = jpeg_reader_finish(handle)
        // The segment that tells it may stand behind the pixels.
        if begun == .upright { image = image.upright(orientation) }
        if status > 0 {
            let share = complete > 0 && complete < height ? " after \(100 * complete / height) % of its rows" : ""
            image.warning = String(cString: message) + share
        }
        return image
    }

    /// Of the first Exif segment that has one.
    private var orientation: Orientation {
        var index: Int32 = 0, count = 0
        while let exif = jpeg_reader_exif(handle, index, &count) {
            if let orientation = Orientation(exif: UnsafeRawBufferPointer(start: exif, count: count)) {
                return orientation
            }
            index += 1
        }
        return .upright
    }

    private func check(_ status: Int32) throws(ImageError) {
        guard status < 0 else { return }
        if let fault = bytes.fault { throw fault }
        let reason = String(cString: message)
        // libjpeg's words for JERR_OUT_OF_MEMORY.
        throw reason.hasPrefix("Insufficient memory")
            ? .outOfMemory(width: Int(jpeg_reader_width(handle)), height: Int(jpeg_reader_height(handle)))
            : .damaged(format: "JPEG", reason: reason)
    }

    /// R = K - (255 - C) * K / 256, rounded towards minus infinity, and so for G and B: OpenCV's conversion of Adobe's
    /// inverted CMYK.
    private func convert(
        invertedCMYK cmyk: UnsafePointer<UInt8>, to rgb: UnsafeMutablePointer<UInt8>, count: Int
    ) {
        for pixel in 0..<count {
            let k = Int32(cmyk[4 &* pixel &+ 3])
            for ink in 0..<3 {
                rgb[3 &* pixel &+ ink] = UInt8(
                    truncatingIfNeeded: k &- ((255 &- Int32(cmyk[4 &* pixel &+ ink])) &* k) >> 8)
            }
        }
    }
}
