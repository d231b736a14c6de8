import CPlatform

/// A file's bytes in memory that the program can name where they go away: see `endWhereMappedFilesShrink`.
package struct Mapping: @unchecked Sendable {
    private let place: OpaquePointer?

    /// To be made once the bytes are mapped: all of the file at `path`, which was as `file` has it.
    package init(_ start: UnsafeRawPointer, of file: stat, at path: String) {
        place = withUnsafePointer(to: file) { remember_mapping(start, $0, path) }
    }

    /// To be called before they are unmapped.
    package func forget() { forget_mapping(place) }
}

/// The path of a mapped file that was written to while it was in use, so that what was read of it may be of both. To be
/// called when no file is being opened.
package func alteredMapping() -> String? { altered_mapping().map { String(cString: $0) } }

/// Where a mapped file is shortened, or its disk fails, and bytes that are gone are read, the system raises SIGBUS.
/// From now on `end` is called with the file's path then: in a signal handler, where it may only do what is safe there,
/// and does not return.
package func endWhereMappedFilesShrink(_ end: @convention(c) (UnsafePointer<CChar>?) -> Void) {
    watch_mappings(end)
}
