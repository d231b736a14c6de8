import CPNGTrap
import Platform

/// Decodes one PNG by libpng.
final class PNGReader {
    private var handle: OpaquePointer?
    private let bytes: PictureBytes
    private let message = UnsafeMutablePointer<CChar>.allocate(capacity: Int(PNG_MESSAGE_LENGTH))
    private var width: Int { Int(png_reader_width(handle)) }
    private var height: Int { Int(png_reader_height(handle)) }

    /// Reads the header.
    init(_ bytes: PictureBytes) throws(ImageError) {
        self.bytes = bytes
        message.initialize(repeating: 0, count: Int(PNG_MESSAGE_LENGTH))
        try check(png_reader_open(&handle, PictureBytes.source, context(bytes), message))
    }

    deinit {
        png_reader_close(handle)
        message.deallocate()
    }

    /// The upright picture; to be called once.
    /// - Parameter bitDepth: of a file of 16 bits.
    func image(bitDepth: BitDepth?, mostPixels: Int) throws(ImageError) -> Image {
        try Image.checkSize(width, height, mostPixels: mostPixels)
        guard png_reader_depth(handle) == 16 else { return try image { (sample: UInt8) in sample } }

        var survey = DepthSurvey(significant: Int(png_reader_significant_bits(handle)))
        guard let taken = survey.taken(bitDepth) else {
            // All samples decide: the file is read twice.
            try forEachRow { (samples: UnsafeBufferPointer<UInt16>, _) in survey.add(samples) }
            try bytes.rewind()
            let depth = survey.conclusion(bitDepth)
            var image = try PNGReader(bytes).image(bitDepth: .bits(depth.taken), mostPixels: mostPixels)
            image.depthRemark = depth.remark
            return image
        }
        let white = UInt16(truncatingIfNeeded: (1 << taken) - 1), shift = UInt16(taken - 8)
        var image = try image(surveyed: { survey.add($0) }) { (sample: UInt16) in
            UInt8(truncatingIfNeeded: min(sample, white) >> shift)
        }
        image.depthRemark = survey.conclusion(bitDepth).remark
        return image
    }

    /// The upright picture, its samples made into bytes.
    @inline(__always)
    private func image<Sample: FixedWidthInteger>(
        surveyed look: (UnsafeBufferPointer<Sample>) -> Void = { _ in }, _ byte: (Sample) -> UInt8
    ) throws(ImageError) -> Image {
        let width = width
        return try PixelMemory.whileMaking(width: width, height: height) { () throws(ImageError) in
            try Image(width: width, height: height) { pixels throws(ImageError) in
                try forEachRow { (samples: UnsafeBufferPointer<Sample>, place) in
                    look(samples)
                    let first = pixels + 3 * (Int(place.y) * width + Int(place.x))
                    if place.step == 1 {
                        for i in 0..<samples.count { first[i] = byte(samples[i]) }
                    } else {
                        for pixel in 0..<Int(place.count) {
                            let to = first + 3 * pixel * Int(place.step)
                            for channel in 0..<3 { to[channel] = byte(samples[3 * pixel + channel]) }
                        }
                    }
                }
            }.upright(orientation)
        }
    }

    /// Calls `body` with the samples of every row as the file has them, and where its pixels lie.
    @inline(__always)
    private func forEachRow<Sample: FixedWidthInteger>(
        _ body: (UnsafeBufferPointer<Sample>, png_place) -> Void
    ) throws(ImageError) {
        let row = UnsafeMutableBufferPointer<Sample>.allocate(capacity: 3 * width)
        row.initialize(repeating: 0)
        defer { row.deallocate() }
        var place = png_place()
        while true {
            let status = png_reader_row(handle, row.baseAddress, &place)
            try check(status)
            if status > 0 { return }
            body(UnsafeBufferPointer(rebasing: row[..<(3 * Int(place.count))]), place)
        }
    }

    private var orientation: Orientation {
        var count = 0
        guard let exif = png_reader_exif(handle, &count) else { return .upright }
        return Orientation(exif: UnsafeRawBufferPointer(start: exif, count: count)) ?? .upright
    }

    private func check(_ status: Int32) throws(ImageError) {
        if status < 0 { throw bytes.fault ?? .damaged(format: "PNG", reason: String(cString: message)) }
    }
}
