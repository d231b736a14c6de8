import Platform

/// Why a tar could not be read or written.
///
/// `description` is one line, without the tar's name: what is wrong, at which byte, and what to do.
package enum TarError: Error, Equatable {
    /// The system's reason (`errno`) why nothing more could be read, or written.
    case unreadable(code: Int32), unwritable(code: Int32)
    /// What was to be written to reads no more.
    case closed
    /// The disk, or the user's share of it, is full.
    case noSpace(code: Int32)
    /// The first bytes are no header of a tar.
    case notATar
    /// The first bytes are those of a compressed file.
    case compressed(Compression)
    /// The header at this byte has a wrong checksum.
    case checksum(offset: Int)
    /// The header at this byte has a size that is no number, negative or beyond 2^60.
    case size(offset: Int)
    /// The extended header at this byte is malformed, or larger than `limit` bytes.
    case extendedHeader(offset: Int)
    /// It ends within the member, or the header, that begins at this byte.
    case truncated(offset: Int)
    /// A member of more bytes than the caller allows. The members behind it can be read.
    case tooLarge(size: Int, limit: Int)
    /// The system has no memory for a member. The members behind it can be read.
    case outOfMemory(size: Int)
}

extension TarError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let code): "cannot be read (\(text(code))): check the file, or what writes to the pipe"
        case .unwritable(let code): "cannot be written (\(text(code))): check the file, or what reads from the pipe"
        case .closed: "cannot be written: what reads from the pipe has ended"
        case .noSpace(let code): "cannot be written (\(text(code))): make space on the disk"
        case .notATar: "not a tar: give a file that tar made, uncompressed"
        case .compressed(let compression): compression.description
        case .checksum(let offset): "damaged tar: the header at byte \(offset) has a wrong checksum; \(Self.again)"
        case .size(let offset): "damaged tar: the header at byte \(offset) has an impossible size; \(Self.again)"
        case .extendedHeader(let offset):
            "damaged tar: the extended header at byte \(offset) is malformed; \(Self.again)"
        case .truncated(let offset): "the tar ends within the member at byte \(offset); \(Self.again)"
        case .tooLarge(let size, let limit):
            "its \(size) bytes are more than the limit of \(limit): raise the limit, or store it smaller"
        case .outOfMemory(let size): "no memory for its \(size) bytes: read fewer members at a time"
        }
    }

    private static let again = "copy or pack it again"
    private func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
