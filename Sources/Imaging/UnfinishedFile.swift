import Platform
import Synchronization

/// A file under a temporary name. If it is not finished, nothing of it is left.
final class UnfinishedFile {
    private let path, temporary: String
    private let slot: Int
    /// -1 when it is closed.
    private var file: Int32
    private let room: UnsafeMutableRawBufferPointer
    private var filled = 0

    /// - Throws: `ImageError.file`, as all of its calls do.
    init(_ path: String) throws(ImageError) {
        var facts = stat()
        if stat(path, &facts) == 0, facts.st_mode & S_IFMT != S_IFREG {
            throw .file(path: path, .unwritable(reason: "it exists and is no regular file"))
        }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        self.path = path
        temporary = "\(folder).gradcam-\(String(UInt64.random(in: 0 ... .max), radix: 36)).partial"
        guard let begun = Self.begin(temporary) else {
            throw .file(path: path, .unwritable(reason: systemReason()))
        }
        (slot, file) = begun
        room = .allocate(byteCount: 1 << 16, alignment: 16)
    }

    deinit {
        if file >= 0 {
            close(file)
            discard()
        }
        room.deallocate()
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(ImageError) {
        if bytes.count > room.count - filled { try flush() }
        if bytes.count >= room.count {
            try writeAll(bytes)
        } else {
            UnsafeMutableRawBufferPointer(rebasing: room[filled...]).copyMemory(from: bytes)
            filled += bytes.count
        }
    }

    /// Closes the file and gives it its name.
    func finish() throws(ImageError) {
        try flush()
        let failed = close(file) == 0 ? nil : systemReason()
        file = -1
        guard let reason = failed ?? (rename(temporary, path) == 0 ? nil : systemReason()) else {
            free(Self.take(slot))
            return
        }
        discard()
        throw .file(path: path, .unwritable(reason: reason))
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
            guard count > 0 else { throw .file(path: path, .unwritable(reason: systemReason())) }
            rest = rest.dropFirst(count)
        }
    }

    private func discard() {
        let name = Self.take(slot)
        // A signal handler took the file away and is ending the process.
        while name == nil { sleep(1) }
        unlink(temporary)
        free(name)
    }
}

// MARK: What a signal handler finds

extension UnfinishedFile {
    /// More files than this are not written at a time.
    private static let most = 4096
    /// The address of every temporary file's path (a C string) while the file exists, else 0. Whoever takes it out owns
    /// it.
    nonisolated(unsafe) private static let names = {
        let names = UnsafeMutablePointer<Atomic<UInt>>.allocate(capacity: most)
        for slot in 0..<most { (names + slot).initialize(to: Atomic(0)) }
        return names
    }()
    /// Whether a temporary file is being made, or none may be made any more.
    private static let beginning = Atomic(false)

    static func prepare() {
        _ = (names[0].load(ordering: .acquiring), beginning.load(ordering: .acquiring))
    }

    static func discardAll() {
        // Whoever holds this makes a file and its name known in one go, with signals blocked: it is soon over.
        while beginning.exchange(true, ordering: .acquiringAndReleasing) {}
        for slot in 0..<most {
            if let temporary = take(slot) { unlink(temporary) }
        }
    }

    /// Makes an empty file and remembers its name, so that no signal finds the one without the other.
    /// - Returns: where the name is, and the file's descriptor; nil after a fault, which `errno` tells.
    private static func begin(_ temporary: String) -> (slot: Int, file: Int32)? {
        var (all, before) = (sigset_t(), sigset_t())
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, &before)
        while beginning.exchange(true, ordering: .acquiringAndReleasing) {}
        defer {
            let fault = errno
            beginning.store(false, ordering: .releasing)
            pthread_sigmask(SIG_SETMASK, &before, nil)
            errno = fault
        }
        guard let slot = (0..<most).first(where: { names[$0].load(ordering: .relaxed) == 0 }) else {
            errno = EMFILE
            return nil
        }
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard file >= 0 else { return nil }
        names[slot].store(UInt(bitPattern: strdup(temporary)), ordering: .releasing)
        return (slot, file)
    }

    private static func take(_ slot: Int) -> UnsafeMutablePointer<CChar>? {
        UnsafeMutablePointer(bitPattern: names[slot].exchange(0, ordering: .acquiringAndReleasing))
    }
}
