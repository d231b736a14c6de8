import Platform

extension Image {
    /// Reads a JPEG or PNG file, told apart by content, to the pixels that OpenCV's `imread` gives:
    /// EXIF orientation applied, alpha dropped, the high byte of 16 bits, colour profiles ignored.
    /// - Parameter bitDepth: how many bits the samples of a 16-bit PNG have; their high byte is taken. nil: 16, or what
    ///   the file says of samples that were not scaled to 16 bits (`DepthRemark.significant`).
    /// - Throws: `ImageError.file` with the path and the fault.
    public init(contentsOf path: String, bitDepth: BitDepth? = nil) throws(ImageError) {
        do {
            self = try readPicture(path) { bytes throws(ImageError) in try Image(decoding: bytes, bitDepth: bitDepth) }
        } catch {
            throw .file(path: path, error)
        }
    }

    /// The same from the bytes of a file.
    public init(decoding bytes: UnsafeRawBufferPointer, bitDepth: BitDepth? = nil) throws(ImageError) {
        self = try checkFormat(bytes) == .png ? PNGReader(bytes).image(bitDepth: bitDepth) : JPEGReader(bytes).image()
    }

    /// Whether the file starts as a JPEG or PNG does; false where it cannot be read.
    public static func isPhoto(contentsOf path: String) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) // a named pipe must not make it wait
        guard file >= 0 else { return false }
        defer { close(file) }
        return withUnsafeTemporaryAllocation(byteCount: PictureFormat.length, alignment: 1) { start in
            let count = max(read(file, start.baseAddress, start.count), 0)
            let format = PictureFormat(UnsafeRawBufferPointer(rebasing: start[..<count]))
            return format == .jpeg || format == .png
        }
    }

    /// Throws where the sides ask for more than `maximumPixels` or more than the system has memory for.
    static func checkSize(_ width: Int, _ height: Int) throws(ImageError) {
        guard width > 0, height > 0, width <= maximumPixels / height else {
            throw .tooLarge(width: width, height: height)
        }
        guard let trial = malloc(width * height * 4) else { throw .outOfMemory(width: width, height: height) }
        free(trial)
    }
}
