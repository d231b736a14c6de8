/// The running program's file, links resolved.
package func programPath() -> String? {
    #if os(Linux)
    let resolved = realpath("/proc/self/exe", nil)
    #else
    let resolved = realpath(CommandLine.arguments[0], nil)
    #endif
    guard let resolved else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
}
