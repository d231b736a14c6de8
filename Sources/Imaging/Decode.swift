#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension Image {
    /// Reads a JPEG or PNG file, told apart by content, to the pixels that OpenCV's `imread` gives:
    /// EXIF orientation applied, alpha dropped, the high byte of 16 bits, colour profiles ignored.
    /// - Throws: `ImageError.file` with the path and the fault.
    public init(contentsOf path: String) throws(ImageError) {
        do {
            self = try readPicture(path) { bytes throws(ImageError) in try Image(decoding: bytes) }
        } catch {
            throw .file(path: path, error)
        }
    }

    /// The same from the bytes of a file.
    public init(decoding bytes: UnsafeRawBufferPointer) throws(ImageError) {
        self = try checkFormat(bytes) == .png ? PNGReader(bytes).image() : JPEGReader(bytes).image()
    }

    /// Whether the file starts as a JPEG or PNG does; false where it cannot be read.
    public static func isPhoto(contentsOf path: String) -> Bool {
        guard let file = fopen(path, "rb") else { return false }
        defer { fclose(file) }
        return withUnsafeTemporaryAllocation(byteCount: PictureFormat.length, alignment: 1) { start in
            let count = fread(start.baseAddress, 1, start.count, file)
            let format = PictureFormat(UnsafeRawBufferPointer(rebasing: start[..<count]))
            return format == .jpeg || format == .png
        }
    }

    /// Throws where the sides ask for more than `maximumPixels`.
    static func checkSize(_ width: Int, _ height: Int) throws(ImageError) {
        guard width > 0, height > 0, width <= maximumPixels / height else { throw .tooLarge(width: width, height: height) }
    }
}
