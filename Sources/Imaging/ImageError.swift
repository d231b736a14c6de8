/// Why a picture could not be read or written.
///
/// `description` is one line: what is wrong and what to do. Errors of calls that take a path name it.
public indirect enum ImageError: Error, Equatable {
    /// The fault happened to this file.
    case file(path: String, ImageError)
    /// The file could not be opened or read; the reason is the system's.
    case unreadable(reason: String)
    /// The file holds no bytes.
    case empty
    /// The bytes are no picture of any format known here.
    case notAPicture
    /// A file of a kind that is known, but not read (GIF, WebP, a web page, ...).
    case otherFile(OtherFile)
    /// The decoder met a fault; the reason is its own.
    case damaged(format: String, reason: String)
    /// More pixels than the caller allows.
    case tooLarge(width: Int, height: Int, limit: Int)
    /// The file goes on after so many bytes, more than a picture of its size takes.
    case endless(bytes: Int)
    /// The system has no memory for that many pixels.
    case outOfMemory(width: Int, height: Int)
    /// An array of numbers that cannot be read, or that is not what the network takes: what is wrong, and what to do.
    case array(String)
    /// An array of this shape, of more numbers than the caller allows.
    case tooManyNumbers([Int], limit: Int)
    /// The picture cannot be stored as JPEG or PNG.
    case unencodable(reason: String)
    /// The file could not be written; nothing was left behind. The reason is the system's.
    case unwritable(reason: String)
    /// The disk, or the user's share of it, is full; nothing was left behind. The reason is the system's.
    case noSpace(reason: String)
}

extension ImageError: CustomStringConvertible {
    /// One line: what is wrong, and what to do.
    public var description: String {
        switch self {
        case .file(let path, let fault): "\(path): \(fault)"
        case .unreadable(let reason): "cannot be read (\(reason)): check the path and its permissions"
        case .empty: "the file is empty: give a JPEG or PNG picture"
        case .notAPicture: "not a picture: give a JPEG or PNG file"
        case .otherFile(let file): "\(file.what): \(file.advice)"
        case .damaged(let format, let reason):
            "damaged or unsupported \(format) (\(reason)): save it anew with an image editor"
        case .tooLarge(let width, let height, let limit):
            "\(width) x \(height) pixels are more than the limit of \(limit): scale the picture down, or raise "
                + "mostPixels"
        case .endless(let bytes):
            "it goes on after \(bytes) bytes, more than a picture of its size takes: save it anew with an image editor"
        case .outOfMemory(let width, let height):
            "no memory for \(width) x \(height) pixels: scale the picture down first"
        case .array(let fault): fault
        case .tooManyNumbers(let shape, let limit):
            "\(shape) are more than the limit of \(limit) numbers: save fewer of them, or raise mostPixels, of 3 numbers "
                + "each"
        case .unencodable(let reason): "cannot be stored as a picture file (\(reason))"
        case .unwritable(let reason):
            "cannot be written (\(reason)): check the folder, its permissions and the limits on files"
        case .noSpace(let reason): "cannot be written (\(reason)): make space on the disk, or choose another folder"
        }
    }
}
