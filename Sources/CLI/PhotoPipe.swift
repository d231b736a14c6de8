import Archive
import Imaging
import Platform

/// A pipe that brings one photo, once: standard input, or what a path stands for (`/dev/fd/63`, a FIFO).
struct PhotoPipe: Sendable, Equatable {
    /// `-` for standard input.
    let path: String
    /// What was read of it before.
    var beginning: [UInt8] = []

    /// As files are called after it.
    var name: String { path == "-" ? "stdin" : path }

    /// Reads all of it into memory; waits for who writes to it.
    ///
    /// - Parameter mostPixels: so many bytes are read as a file of a picture, or of an array, of these may have.
    /// - Throws: the fault without the path.
    func data(mostPixels: Int) throws(ImageError) -> MemberData {
        let isStandardInput = ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].contains(path)
        let descriptor = isStandardInput ? 0 : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(reason: systemText(errno)) }
        defer { if descriptor > 0 { close(descriptor) } }
        let start = beginning.isEmpty ? System.beginning(of: descriptor, most: 512, isText: false) : beginning
        if !Self.isPhoto(start) {
            // Refused as a file that begins so: what else comes is not waited for.
            let refused = start.withUnsafeBytes { bytes in
                Result { () throws(ImageError) in try Image(decoding: bytes) }
            }
            _ = try refused.get()
        }
        let isArray = start.withUnsafeBytes { NumberArray.isArray($0) }
        let most = isArray ? NumberArray.mostBytes(of: 3 * mostPixels) : Image.mostBytes(of: mostPixels)
        do throws(TarError) {
            return try MemberData(readFrom: descriptor, beginning: start, most: most)
        } catch {
            switch error {
            case .tooLarge: throw .endless(bytes: most)
            case .unreadable(let code): throw .unreadable(reason: systemText(code))
            default: throw .unreadable(reason: error.description)
            }
        }
    }

    /// Whether the first bytes are those of a photo: a JPEG, a PNG, an array.
    static func isPhoto(_ beginning: [UInt8]) -> Bool {
        beginning.withUnsafeBytes { Image.isPhoto($0) || NumberArray.isArray($0) }
    }
}
