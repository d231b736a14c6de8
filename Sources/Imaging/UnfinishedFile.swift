import Platform

/// A file under a temporary name. If it is not finished, nothing of it is left.
public final class UnfinishedFile {
    private let path, temporary: String
    /// Where its temporary name is known.
    private let slot: Int
    /// -1 when it is closed.
    private var file: Int32
    /// Holds the lock when the file is closed, which is when some systems tell of a full disk; -1 where it failed.
    private let lock: Int32
    private let room: UnsafeMutableRawBufferPointer
    private var filled = 0

    /// - Throws: `ImageError.file`, as all of its calls do.
    init(_ path: String, in folder: String) throws(ImageError) {
        var facts = stat()
        if stat(path, &facts) == 0, facts.st_mode & S_IFMT != S_IFREG {
            throw .file(path: path, .unwritable(reason: "it exists and is no regular file"))
        }
        while true {
            let temporary = folder + AtomicFile.temporaryName()
            guard let (slot, file) = UnfinishedNames.begin(temporary) else {
                throw .file(path: path, Self.lastFault())
            }
            flock(file, LOCK_EX)
            // Another process may have taken the file for a leftover before it was locked.
            if fstat(file, &facts) == 0, facts.st_nlink == 0 {
                close(file)
                free(UnfinishedNames.take(slot))
                continue
            }
            (self.path, self.temporary, self.slot, self.file, lock) = (path, temporary, slot, file, dup(file))
            break
        }
        room = .allocate(byteCount: 1 << 16, alignment: 16)
    }

    deinit {
        if file >= 0 {
            close(file)
            discard()
        }
        if lock >= 0 { close(lock) }
        room.deallocate()
    }

    public func write(_ bytes: UnsafeRawBufferPointer) throws(ImageError) {
        if bytes.count > room.count - filled { try flush() }
        if bytes.count >= room.count {
            try writeAll(bytes)
        } else {
            UnsafeMutableRawBufferPointer(rebasing: room[filled...]).copyMemory(from: bytes)
            filled += bytes.count
        }
    }

    /// Closes the file and gives it its name.
    public func finish() throws(ImageError) {
        try flush()
        let failed = close(file) == 0 ? nil : Self.lastFault()
        file = -1
        guard let fault = failed ?? (rename(temporary, path) == 0 ? nil : Self.lastFault()) else {
            free(UnfinishedNames.take(slot))
            return
        }
        discard()
        throw .file(path: path, fault)
    }

    private func flush() throws(ImageError) {
        try writeAll(UnsafeRawBufferPointer(rebasing: room[..<filled]))
        filled = 0
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer) throws(ImageError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Platform.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .file(path: path, Self.lastFault()) }
            rest = rest.dropFirst(count)
        }
    }

    private func discard() {
        let name = UnfinishedNames.take(slot)
        // A signal handler took the file away and is ending the process.
        while name == nil { sleep(1) }
        unlink(temporary)
        free(name)
    }

    /// Why a file could not be written, by the last failed call.
    private static func lastFault() -> ImageError {
        errno == ENOSPC || errno == EDQUOT ? .noSpace(reason: systemReason()) : .unwritable(reason: systemReason())
    }
}
