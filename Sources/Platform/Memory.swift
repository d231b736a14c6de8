/// Bytes of memory that this process may use: the machine's, and no more than the process's control groups and its
/// limits of addresses and data (`ulimit -v`, `ulimit -d`) grant.
package func usableMemory() -> Int {
    (processLimits() + [physicalMemory(), ControlGroups.own.memory].compactMap { $0 }).min()!
}

private func physicalMemory() -> Int { sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) }

private func processLimits() -> [Int] {
    #if os(Linux)
    let kinds = [RLIMIT_AS, RLIMIT_DATA].map { __rlimit_resource_t($0.rawValue) }
    #else
    let kinds = [RLIMIT_AS, RLIMIT_DATA]
    #endif
    return kinds.compactMap { kind in
        var limit = rlimit()
        return getrlimit(kind, &limit) == 0 ? Int(exactly: limit.rlim_cur) : nil
    }
}

/// Whether the system would give so many bytes more, which are not taken: what allocates without being able to fail, as
/// arrays do, asks first where the size comes from a file.
package func systemGives(bytes: Int) -> Bool {
    guard bytes > 0 else { return true }
    let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | Int32(MAP_ANON), -1, 0)
    guard memory != MAP_FAILED else { return false }
    munmap(memory, bytes)
    return true
}

/// Bytes of a large page, where the system has them.
package let largePage = 2 << 20

/// Asks the system for large pages: a page touched for the first time costs about as much as computing with it. The
/// memory begins at a multiple of `largePage`.
package func preferLargePages(_ memory: UnsafeMutableRawPointer, bytes: Int) {
    #if os(Linux)
    madvise(memory, bytes, MADV_HUGEPAGE)
    #endif
}
