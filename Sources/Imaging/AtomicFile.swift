import Platform
import Synchronization

/// Files that appear whole or not at all.
///
/// A file is written under a hidden name in the same folder, `.gradcam-*.partial`, and locked (`flock`) until it has its
/// own name. One that a process left behind which was killed is locked by nobody, and is removed by the next process
/// that writes into the folder.
public enum AtomicFile {
    /// Held while a file is written: the folders that were written into.
    private static let turn = Mutex<Set<String>>([])
    /// The address of the temporary file's path (a C string) while it exists, else 0. Whoever takes it out owns it.
    private static let unfinished = Atomic<UInt>(0)
    /// Whether a temporary file is being made, or none may be made any more.
    private static let beginning = Atomic(false)

    /// Writes a file under a temporary name in the same folder, then gives it its name, replacing a file that had it.
    /// - Throws: `ImageError.file` with the path and the system's reason; nothing is left behind.
    public static func write(_ bytes: [UInt8], to path: String) throws(ImageError) {
        do {
            try turn.withLock { folders throws(ImageError) in
                let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
                if folders.insert(folder).inserted { removeLeftovers(in: folder) }
                try replace(path, in: folder, with: bytes)
            }
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

    private static func replace(_ path: String, in folder: String, with bytes: [UInt8]) throws(ImageError) {
        var facts = stat()
        if stat(path, &facts) == 0, facts.st_mode & S_IFMT != S_IFREG {
            throw .unwritable(reason: "it exists and is no regular file")
        }
        let temporary = "\(folder)\(prefix)\(String(UInt64.random(in: 0 ... .max), radix: 36))\(suffix)"

        let file = begin(temporary)
        guard file >= 0 else {
            let fault = lastFault()
            free(takeUnfinished())
            throw fault
        }
        flock(file, LOCK_EX)
        // Another process may have taken the file for a leftover before it was locked.
        if fstat(file, &facts) == 0, facts.st_nlink == 0 {
            close(file)
            free(takeUnfinished())
            return try replace(path, in: folder, with: bytes)
        }
        // Some systems tell of a full disk when a file is closed; the lock is held through another descriptor.
        let lock = dup(file)
        defer { if lock >= 0 { close(lock) } }
        let failedWrite = bytes.withUnsafeBytes { writeAll($0, to: file) } ? nil : lastFault()
        let failedClose = close(file) == 0 ? nil : lastFault()
        let fault = failedWrite ?? failedClose ?? (rename(temporary, path) == 0 ? nil : lastFault())
        let name = takeUnfinished()
        free(name)
        guard let fault else { return }
        // A signal handler took the file away and is ending the process.
        while name == nil { sleep(1) }
        unlink(temporary)
        throw fault
    }

    private static let prefix = ".gradcam-", suffix = ".partial"

    /// Removes what killed processes left: files that nobody has locked. Where locks do not work nothing is removed.
    private static func removeLeftovers(in folder: String) {
        guard let stream = opendir(folder.isEmpty ? "." : folder) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { continue }
            let file = open(folder + name, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
            guard file >= 0 else { continue }
            if flock(file, LOCK_EX | LOCK_NB) == 0 { unlink(folder + name) }
            close(file)
        }
    }
}

/// Why a file could not be written, by the last failed call.
private func lastFault() -> ImageError {
    errno == ENOSPC || errno == EDQUOT ? .noSpace(reason: systemReason()) : .unwritable(reason: systemReason())
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
