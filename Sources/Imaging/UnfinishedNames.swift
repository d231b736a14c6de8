import Platform
import Synchronization

/// The names of temporary files that exist, for a signal handler to find.
enum UnfinishedNames {
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

    /// Makes ready what `discardAll` uses.
    static func prepare() { _ = (names[0].load(ordering: .acquiring), beginning.load(ordering: .acquiring)) }

    /// Removes all of the files and lets no other begin.
    static func discardAll() {
        // Whoever holds this makes a file and its name known in one go, with signals blocked: it is soon over.
        while beginning.exchange(true, ordering: .acquiringAndReleasing) {}
        for slot in 0..<most {
            if let temporary = take(slot) { unlink(temporary) }
        }
    }

    /// Makes an empty file and remembers its name, so that no signal finds the one without the other.
    /// - Returns: where the name is, and the file's descriptor; nil after a fault, which `errno` tells.
    static func begin(_ temporary: String) -> (slot: Int, file: Int32)? {
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
        guard let name = strdup(temporary) else { return nil }
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard file >= 0 else {
            let fault = errno
            free(name)
            errno = fault
            return nil
        }
        names[slot].store(UInt(bitPattern: name), ordering: .releasing)
        return (slot, file)
    }

    /// The name, where nobody took it before: the caller's own, to be freed.
    static func take(_ slot: Int) -> UnsafeMutablePointer<CChar>? {
        UnsafeMutablePointer(bitPattern: names[slot].exchange(0, ordering: .acquiringAndReleasing))
    }
}
