#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Why a small text file could not be read.
struct TextFileFault: Error {
    let code: Int32
    var isMissing: Bool { code == ENOENT }
    var reason: String { "cannot be read: \(String(cString: strerror(code)))" }
}

/// The text of a file, without a byte order mark; bytes that are not UTF-8 become replacement characters.
func readText(_ path: String) -> Result<String, TextFileFault> {
    guard let file = fopen(path, "rb") else { return .failure(TextFileFault(code: errno)) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&chunk, 1, chunk.count, file)
        bytes += chunk[..<count]
        if count < chunk.count { break }
    }
    guard ferror(file) == 0 else { return .failure(TextFileFault(code: errno)) }
    return .success(String(decoding: utf8(of: bytes), as: UTF8.self))
}

/// The bytes of a text in UTF-8: without a byte order mark, and from UTF-16 where such a mark tells it (as editors of Windows write).
public func utf8(of bytes: [UInt8]) -> [UInt8] {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return Array(bytes.dropFirst(3)) }
    let isLittle = bytes.starts(with: [0xFF, 0xFE])
    guard isLittle || bytes.starts(with: [0xFE, 0xFF]) else { return bytes }
    let units = stride(from: 2, to: bytes.count - 1, by: 2).map { place in
        UInt16(bytes[isLittle ? place + 1 : place]) << 8 | UInt16(bytes[isLittle ? place : place + 1])
    }
    return Array(String(decoding: units, as: UTF16.self).utf8)
}
