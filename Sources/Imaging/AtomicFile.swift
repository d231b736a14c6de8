import Synchronization
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Files that appear whole or not at all.
public enum AtomicFile {
    /// Held while a file is written.
    private static let turn = Mutex(())
    /// The address of the temporary file's path (a C string) while it exists, else 0. Whoever takes it out owns it.
    private static let unfinished = Atomic<UInt>(0)

    /// Writes a file under a temporary name in the same folder, then gives it its name, replacing a file that had it.
    /// - Throws: `ImageError.file` with the path and the system's reason; nothing is left behind.
    public static func write(_ bytes: [UInt8], to path: String) throws(ImageError) {
        do {
            try turn.withLock { _ throws(ImageError) in try replace(path, with: bytes) }
        } catch {
            throw .file(path: path, error)
        }
    }

    /// Removes the temporary file that is being written, if any: for a signal handler that ends the process, and safe there.
    public static func discardUnfinished() {
        if let temporary = takeUnfinished() { unlink(temporary) }
    }

    private static func takeUnfinished() -> UnsafeMutablePointer<CChar>? {
        UnsafeMutablePointer(bitPattern: unfinished.exchange(0, ordering: .acquiringAndReleasing))
    }

    private static func replace(_ path: String, with bytes: [UInt8]) throws(ImageError) {
        var facts = stat()
        if stat(path, &facts) == 0, facts.st_mode & S_IFMT != S_IFREG { throw .unwritable(reason: "it exists and is no regular file") }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let temporary = "\(folder).gradcam-\(String(UInt64.random(in: 0 ... .max), radix: 36)).partial"

        unfinished.store(UInt(bitPattern: strdup(temporary)), ordering: .releasing)
        defer { free(takeUnfinished()) }
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw .unwritable(reason: systemReason()) }
        let failedWrite = bytes.withUnsafeBytes { writeAll($0, to: file) } ? nil : systemReason()
        let failedClose = close(file) == 0 ? nil : systemReason()
        if let reason = failedWrite ?? failedClose ?? (rename(temporary, path) == 0 ? nil : systemReason()) {
            unlink(temporary)
            throw .unwritable(reason: reason)
        }
    }
}

/// Whether all bytes reached the file; if not, `errno` says why.
private func writeAll(_ bytes: UnsafeRawBufferPointer, to file: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
    }
    return true
}
