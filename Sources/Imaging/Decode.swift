import Platform

extension Image {
    /// Reads a JPEG or PNG file, told apart by content, to the pixels that OpenCV's `imread` gives:
    /// EXIF orientation applied, alpha dropped, the high byte of 16 bits, colour profiles ignored.
    ///
    /// What it takes besides the pixels while it reads is no more than they take, and a few hundred kilobytes; of a
    /// progressive JPEG of four full inks a third of them more.
    /// - Parameters:
    ///   - bitDepth: how many bits the samples of a 16-bit PNG have; their high byte is taken. nil: 16, or what the
    ///     file says of samples that were not scaled to 16 bits (`DepthRemark.significant`).
    ///   - mostPixels: of a larger picture nothing but the header is read.
    /// - Throws: `ImageError.file` with the path and the fault.
    public init(contentsOf path: String, bitDepth: BitDepth? = nil, mostPixels: Int = mostPixels) throws(ImageError) {
        do {
            self = try Image(
                try PictureBytes(file: path, limit: Self.mostBytes(of: mostPixels)), bitDepth, mostPixels)
        } catch {
            throw .file(path: path, error)
        }
    }

    /// How many bytes a file of so many pixels may have: even noise takes less than 8 a pixel; the rest may be notes.
    public static func mostBytes(of pixels: Int) -> Int { 8 * pixels + 100_000_000 }

    /// The same from the bytes of a file.
    public init(
        decoding bytes: UnsafeRawBufferPointer, bitDepth: BitDepth? = nil, mostPixels: Int = mostPixels
    ) throws(ImageError) {
        self = try Image(PictureBytes(bytes), bitDepth, mostPixels)
    }

    init(_ bytes: PictureBytes, _ bitDepth: BitDepth?, _ mostPixels: Int) throws(ImageError) {
        switch bytes.format {
        case .jpeg: self = try JPEGReader(bytes).image(mostPixels: mostPixels)
        case .png: self = try PNGReader(bytes).image(bitDepth: bitDepth, mostPixels: mostPixels)
        case .empty: throw .empty
        case .other(let file): throw .otherFile(file)
        case .unknown: throw .notAPicture
        }
    }

    /// Whether the file starts as a JPEG or PNG does; false where it cannot be read.
    public static func isPhoto(contentsOf path: String) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) // a named pipe must not make it wait
        guard file >= 0 else { return false }
        defer { close(file) }
        return withUnsafeTemporaryAllocation(byteCount: 16, alignment: 1) { start in
            let count = max(read(file, start.baseAddress, start.count), 0)
            return isPhoto(UnsafeRawBufferPointer(rebasing: start[..<count]))
        }
    }

    /// Whether a file's first bytes are those of a JPEG or PNG.
    public static func isPhoto(_ beginning: UnsafeRawBufferPointer) -> Bool {
        [.jpeg, .png].contains(PictureFormat(beginning))
    }

    /// Throws where the sides ask for more pixels than allowed.
    static func checkSize(_ width: Int, _ height: Int, mostPixels: Int) throws(ImageError) {
        guard width > 0, height > 0, width <= mostPixels / height else {
            throw .tooLarge(width: width, height: height, limit: mostPixels)
        }
    }
}
