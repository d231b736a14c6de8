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
    /// - Parameter most: bytes.
    /// - Throws: the fault without the path.
    func data(most: Int) throws(ImageError) -> MemberData {
        let isStandardInput = ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].contains(path)
        let descriptor = isStandardInput ? 0 : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(reason: systemText(errno)) }
        defer { if descriptor > 0 { close(descriptor) } }
        do throws(TarError) {
            return try MemberData(readFrom: descriptor, beginning: beginning, most: most)
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
