import Platform

/// Compiled kernels on the disk, so that a program starts in no more time than it takes to read them. Whatever fails
/// here costs the compilation and nothing else.
package struct KernelCache: Sendable {
    /// nil: nothing is kept.
    package let folder: String?

    /// - Parameter folder: nil: nothing is kept.
    package init(folder: String?) { self.folder = folder }

    /// `gradcam` in the user's folder for caches.
    package init(environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }) {
        if let caches = environment("XDG_CACHE_HOME"), caches.hasPrefix("/") {
            folder = caches + "/gradcam"
        } else {
            folder = environment("HOME").flatMap { $0.isEmpty ? nil : $0 + "/.cache/gradcam" }
        }
    }

    private func path(_ key: String) -> String? { folder.map { $0 + "/" + key + ".cubin" } }

    /// What stands under a key; nil where that is nothing whole.
    func load(_ key: String) -> [UInt8]? {
        guard let path = path(key) else { return nil }
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        // In use: see `sweep`.
        futimens(file, nil)
        var state = stat()
        guard fstat(file, &state) == 0, state.st_mode & S_IFMT == S_IFREG, state.st_size > 8, state.st_size < 1 << 28
        else { return nil }
        let size = Int(state.st_size)
        var bytes = [UInt8](repeating: 0, count: size), filled = 0
        while filled < size {
            let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress! + filled, size - filled) }
            guard count > 0 else { return nil }
            filled += count
        }
        // The last eight bytes are the sum of the others.
        let sum = bytes.suffix(8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        bytes.removeLast(8)
        return sum == Self.sum(bytes) ? bytes : nil
    }

    /// Puts bytes under a key, whole or not at all, and takes away what nobody uses any more.
    func store(_ bytes: [UInt8], _ key: String) {
        guard let folder, let path = path(key) else { return }
        var made = ""
        for part in folder.split(separator: "/") {
            made += "/" + part
            mkdir(made, 0o755)
        }
        // In containers every process may have the same number.
        let temporary = path + ".\(getpid())-\(UInt32.random(in: 0 ... .max)).part"
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard file >= 0 else { return }
        let sum = Self.sum(bytes), all = bytes + (0..<8).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) }
        var written = 0
        while written < all.count {
            let count = all.withUnsafeBytes { write(file, $0.baseAddress! + written, all.count - written) }
            guard count > 0 else { break }
            written += count
        }
        var state = stat()
        let isDated = fstat(file, &state) == 0, isWhole = close(file) == 0 && written == all.count
        if !isWhole || rename(temporary, path) != 0 { unlink(temporary) }
        if isDated { Self.sweep(folder, at: Self.lastUse(state)) }
    }

    /// Removes kernels that no program has loaded for ninety days, as those of another driver, or of an earlier version
    /// of this program, and what a process that was killed has left for a day; files of other names are left alone.
    ///
    /// - Parameter now: by the clock of the files' system.
    private static func sweep(_ folder: String, at now: Int) {
        guard let entries = opendir(folder) else { return }
        defer { closedir(entries) }
        let place = dirfd(entries)
        while let entry = readdir(entries) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let days = days(ofFile: name) else { continue }
            var state = stat()
            guard fstatat(place, name, &state, AT_SYMLINK_NOFOLLOW) == 0, state.st_mode & S_IFMT == S_IFREG,
                now - lastUse(state) > days * 86400
            else { continue }
            unlinkat(place, name, 0)
        }
    }

    private static func lastUse(_ state: stat) -> Int {
        #if canImport(Darwin)
        state.st_mtimespec.tv_sec
        #else
        state.st_mtim.tv_sec
        #endif
    }

    /// How many days a file of this name is kept; nil of one that is not the cache's.
    private static func days(ofFile name: String) -> Int? {
        func isLike(_ end: String) -> Bool { fnmatch("[0-9a-f]*-\(KernelSource.keyPattern)\(end)", name, 0) == 0 }
        return isLike(".cubin") ? 90 : isLike(".cubin.[0-9]*-[0-9]*.part") ? 1 : nil
    }

    private static func sum(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
