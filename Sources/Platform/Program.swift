/// The running program's file, links resolved.
package func programPath() -> String? {
    #if os(Linux)
    return resolvedPath("/proc/self/exe")
    #else
    return resolvedPath(CommandLine.arguments[0])
    #endif
}

/// The absolute path of a file or folder, symbolic links resolved; nil, by `errno`, where there is none.
package func resolvedPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
}
