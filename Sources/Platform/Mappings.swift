import CPlatform

/// A file's bytes in memory that the program can name where they go away: see `endWhereMappedFilesShrink`.
package struct Mapping: @unchecked Sendable {
    private let place: OpaquePointer?

    /// To be made once the bytes are mapped.
    package init(_ start: UnsafeRawPointer, count: Int, path: String) {
        place = remember_mapping(start, count, path)
    }

    /// To be called before they are unmapped.
    package func forget() { forget_mapping(place) }
}

/// Where a mapped file is shortened, or its disk fails, and bytes that are gone are read, the system raises SIGBUS.
/// From now on `end` is called with the file's path then: in a signal handler, where it may only do what is safe there,
/// and does not return.
package func endWhereMappedFilesShrink(_ end: @convention(c) (UnsafePointer<CChar>?) -> Void) {
    watch_mappings(end)
}
