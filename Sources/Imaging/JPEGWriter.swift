import CJPEGTrap

/// How much of the colour's resolution a JPEG keeps.
public enum ChromaSampling: Sendable {
    /// One colour sample for 2 x 2 pixels (4:2:0), the default of OpenCV's `imwrite`.
    case halved
    /// One colour sample a pixel (4:4:4).
    case full
}

extension ImageRows {
    /// Whether a JPEG can hold so many pixels a side: 65500 at most.
    public var fitsJPEG: Bool { max(width, height) <= JPEG_MAX_DIMENSION }

    /// Gives the bytes of a baseline JPEG file to a sink, while the rows are made.
    /// - Parameter quality: 1 (smallest file) to 100 (closest to the picture), on libjpeg's scale.
    /// - Parameter comment: what the file says in a comment segment (COM), if anything.
    /// - Throws: `ImageError.unencodable` for a side above 65500 pixels, a quality outside the range or a comment above
    ///   65533 bytes; what the sink throws.
    public func encodeJPEG(
        quality: Int, chroma: ChromaSampling = .halved, comment: String? = nil, to sink: ByteSink
    ) throws(ImageError) {
        guard 1...100 ~= quality else { throw .unencodable(reason: "quality \(quality) is not in 1 to 100") }
        guard fitsJPEG else {
            throw .unencodable(reason: "\(width) x \(height) pixels: a side may have at most \(JPEG_MAX_DIMENSION)")
        }
        if let comment, comment.utf8.count > 65533 {
            throw .unencodable(reason: "the comment is longer than 65533 bytes")
        }
        try SinkBox.with(sink) { box throws(ImageError) in
            let message = UnsafeMutablePointer<CChar>.allocate(capacity: Int(JMSG_LENGTH_MAX))
            message.initialize(repeating: 0, count: Int(JMSG_LENGTH_MAX))
            var handle: OpaquePointer?
            defer {
                jpeg_writer_close(handle)
                message.deallocate()
            }
            func check(_ status: Int32) throws(ImageError) {
                if status < 0 { throw box.fault ?? .unencodable(reason: String(cString: message)) }
            }
            try check(
                jpeg_writer_open(
                    &handle, UInt32(width), UInt32(height), Int32(quality), chroma == .halved ? 1 : 0, comment,
                    SinkBox.take, context(box), message))
            try forEachRow { row throws(ImageError) in try check(jpeg_writer_row(handle, row)) }
            try check(jpeg_writer_finish(handle))
        }
    }

    /// The bytes of that file.
    public func jpeg(quality: Int, chroma: ChromaSampling = .halved, comment: String? = nil) throws(ImageError)
        -> [UInt8]
    {
        try collect { sink throws(ImageError) in
            try encodeJPEG(quality: quality, chroma: chroma, comment: comment, to: sink)
        }
    }
}
