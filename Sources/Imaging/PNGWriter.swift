import CPNGTrap

extension ImageRows {
    /// Gives the bytes of a PNG file of 8-bit RGB, which holds these very pixels, to a sink, while the rows are made.
    /// - Parameters:
    ///   - software: what the file says in a text chunk `Software`, if anything.
    ///   - isGrey: whether the file has one channel, the first of the three.
    /// - Throws: `ImageError.unencodable` for a side above a million pixels; what the sink throws.
    public func encodePNG(
        software: String? = nil, isGrey: Bool = false, to sink: ByteSink
    ) throws(ImageError) {
        try SinkBox.with(sink) { box throws(ImageError) in
            let message = UnsafeMutablePointer<CChar>.allocate(capacity: Int(PNG_MESSAGE_LENGTH))
            message.initialize(repeating: 0, count: Int(PNG_MESSAGE_LENGTH))
            var handle: OpaquePointer?
            defer {
                png_writer_close(handle)
                message.deallocate()
            }
            func check(_ status: Int32) throws(ImageError) {
                if status < 0 { throw box.fault ?? .unencodable(reason: String(cString: message)) }
            }
            try check(
                png_writer_open(
                    &handle, UInt32(width), UInt32(height), isGrey ? 1 : 3, software, SinkBox.take, context(box),
                    message))
            let grey = UnsafeMutablePointer<UInt8>.allocate(capacity: width)
            defer { grey.deallocate() }
            try forEachRow { row throws(ImageError) in
                if isGrey { for x in 0..<width { grey[x] = row[3 * x] } }
                try check(png_writer_row(handle, isGrey ? UnsafePointer(grey) : row))
            }
            try check(png_writer_finish(handle))
        }
    }

    /// The bytes of that file.
    public func png(software: String? = nil) throws(ImageError) -> [UInt8] {
        try collect { sink throws(ImageError) in try encodePNG(software: software, to: sink) }
    }
}
