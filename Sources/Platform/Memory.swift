/// Bytes of memory that this process may use: the machine's, and no more than the process's control groups grant.
package func usableMemory() -> Int {
    [physicalMemory(), ControlGroups.own.memory].compactMap { $0 }.min()!
}

private func physicalMemory() -> Int { sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) }

/// Bytes of a large page, where the system has them.
package let largePage = 2 << 20

/// Asks the system for large pages: a page touched for the first time costs about as much as computing with it. The
/// memory begins at a multiple of `largePage`.
package func preferLargePages(_ memory: UnsafeMutableRawPointer, bytes: Int) {
    #if os(Linux)
    madvise(memory, bytes, MADV_HUGEPAGE)
    #endif
}
