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

/// The text of a file; bytes that are not UTF-8 become replacement characters.
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
    return .success(String(decoding: bytes, as: UTF8.self))
}
