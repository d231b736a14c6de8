import Platform
import Synchronization

/// Files that appear whole or not at all.
public enum AtomicFile {
    /// Held while a file is written.
    private static let turn = Mutex(())
    /// The address of the temporary file's path (a C string) while it exists, else 0. Whoever takes it out owns it.
    private static let unfinished = Atomic<UInt>(0)
    /// Whether a temporary file is being made, or none may be made any more.
    private static let beginning = Atomic(false)

    /// Writes a file under a temporary name in the same folder, then gives it its name, replacing a file that had it.
    /// - Throws: `ImageError.file` with the path and the system's reason; nothing is left behind.
    public static func write(_ bytes: [UInt8], to path: String) throws(ImageError) {
        do {
            try turn.withLock { _ throws(ImageError) in try replace(path, with: bytes) }
        } catch {
            throw .file(path: path, error)
        }
    }

    /// Makes ready what `discardUnfinished` uses: to be called before a signal can come.
    public static func prepareToDiscard() {
        _ = (unfinished.load(ordering: .acquiring), beginning.load(ordering: .acquiring))
    }

    /// Removes the temporary file that is being written, if any, and lets no other begin: for a signal handler that
    /// ends the process, and safe there as long as no second handler interrupts it.
    public static func discardUnfinished() {
        // Whoever holds this makes a file and its name known in one go, with signals blocked: it is soon over.
        while beginning.exchange(true, ordering: .acquiringAndReleasing) {}
        if let temporary = takeUnfinished() { unlink(temporary) }
    }

    /// Makes an empty file and remembers its name, so that no signal finds the one without the other.
    private static func begin(_ temporary: String) -> Int32 {
        var (all, before) = (sigset_t(), sigset_t())
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, &before)
        while beginning.exchange(true, ordering: .acquiringAndReleasing) {}
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        let fault = errno
        unfinished.store(UInt(bitPattern: strdup(temporary)), ordering: .releasing)
        beginning.store(false, ordering: .releasing)
        pthread_sigmask(SIG_SETMASK, &before, nil)
        errno = fault
        return file
    }

    private static func takeUnfinished() -> UnsafeMutablePointer<CChar>? {
        UnsafeMutablePointer(bitPattern: unfinished.exchange(0, ordering: .acquiringAndReleasing))
    }

    private static func replace(_ path: String, with bytes: [UInt8]) throws(ImageError) {
        var facts = stat()
        if stat(path, &facts) == 0, facts.st_mode & S_IFMT != S_IFREG {
            throw .unwritable(reason: "it exists and is no regular file")
        }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let temporary = "\(folder).gradcam-\(String(UInt64.random(in: 0 ... .max), radix: 36)).partial"

        let file = begin(temporary)
        guard file >= 0 else {
            let reason = systemReason()
            free(takeUnfinished())
            throw .unwritable(reason: reason)
        }
        let failedWrite = bytes.withUnsafeBytes { writeAll($0, to: file) } ? nil : systemReason()
        let failedClose = close(file) == 0 ? nil : systemReason()
        let fault = failedWrite ?? failedClose ?? (rename(temporary, path) == 0 ? nil : systemReason())
        let name = takeUnfinished()
        free(name)
        guard let fault else { return }
        // A signal handler took the file away and is ending the process.
        while name == nil { sleep(1) }
        unlink(temporary)
        throw .unwritable(reason: fault)
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
