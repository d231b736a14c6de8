import Network
import Platform

/// Why a small text file could not be read.
struct TextFileFault: Error {
    let reason: Wording
    var isMissing = false

    fileprivate init(_ reason: String) { self.reason = "cannot be read: " + Wording(reason) }

    fileprivate init(code: Int32) {
        self.init(String(cString: strerror(code)))
        isMissing = code == ENOENT
    }
}

/// The text of a regular file of at most 16 MB, without a byte order mark; bytes that are not UTF-8 become replacement
/// characters.
///
/// - Parameter isNamed: whether the user named the file: then a pipe is read, too, as long as something comes through
///   it within 10 seconds.
func readText(_ path: String, isNamed: Bool = false) -> Result<String, TextFileFault> {
    let most = 16_000_000
    // A pipe that nobody writes to would keep a blocking open waiting.
    let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { return .failure(TextFileFault(code: errno)) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { return .failure(TextFileFault(code: errno)) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFIFO where isNamed: break
    case S_IFDIR: return .failure(TextFileFault(code: EISDIR))
    default: return .failure(TextFileFault("a pipe, device or socket; give a regular file"))
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(Int(status.st_size), most))
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while status.st_size <= most, bytes.count <= most {
        // Before somebody writes to a pipe, reading it would find its end.
        var waiting = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 10_000) != 0 else {
            return .failure(TextFileFault("nothing came through the pipe for 10 seconds"))
        }
        let count = read(file, &chunk, chunk.count)
        if count < 0, errno == EINTR || errno == EAGAIN { continue }
        guard count >= 0 else { return .failure(TextFileFault(code: errno)) }
        guard count > 0 else { return .success(String(decoding: utf8(of: bytes), as: UTF8.self)) }
        bytes += chunk[..<count]
    }
    return .failure(TextFileFault("more than 16 MB; no labels or settings are that long"))
}

/// The bytes of a text in UTF-8: without a byte order mark, and from UTF-16 where such a mark tells it (as editors of
/// Windows write).
package func utf8(of bytes: [UInt8]) -> [UInt8] {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return Array(bytes.dropFirst(3)) }
    let isLittle = bytes.starts(with: [0xFF, 0xFE])
    guard isLittle || bytes.starts(with: [0xFE, 0xFF]) else { return bytes }
    let units = stride(from: 2, to: bytes.count - 1, by: 2).map { place in
        UInt16(bytes[isLittle ? place + 1 : place]) << 8 | UInt16(bytes[isLittle ? place : place + 1])
    }
    return Array(String(decoding: units, as: UTF16.self).utf8)
}
