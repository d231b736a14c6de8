import Platform

/// Read-only bytes of a file, mapped rather than read: only the pages that are looked at are loaded.
///
/// The bytes stay valid, and at the same address, as long as the object lives; they are unmapped with it.
/// A file that another process shortens while it is mapped raises SIGBUS, as with every mapping; a program that calls
/// `endWhereMappedFilesShrink` ends with the file's name.
package final class MappedFile: Sendable {
    /// The path that was opened, or the name given to bytes in memory.
    package let path: String
    /// The first byte (nil where there is none) and the number of bytes. Never written to after `init`, so safe to
    /// share.
    nonisolated(unsafe) private let base: UnsafeMutableRawPointer?
    package let count: Int
    /// Of bytes that are mapped; nil for a copy.
    private let mapping: Mapping?

    /// Maps the file at `path`. An empty file is no fault: it has no bytes.
    package init(path: String) throws(FileFault) {
        guard !path.utf8.contains(0) else { throw .missing }
        // Without O_NONBLOCK, opening a pipe would wait for somebody to write into it.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileFault(errno: errno) }
        defer { close(descriptor) }

        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileFault(errno: errno) }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw .isFolder }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
        guard let size = Int(exactly: status.st_size) else { throw .system(errno: EFBIG) }

        self.path = path
        count = size
        if size == 0 {
            (base, mapping) = (nil, nil)
        } else {
            guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
                throw FileFault(errno: errno)
            }
            (base, mapping) = (start, Mapping(start, of: status, at: path))
        }
    }

    /// A copy of bytes in memory, for what does not come from a file; `name` stands for the path in errors.
    package init(copying bytes: UnsafeRawBufferPointer, name: String) {
        path = name
        count = bytes.count
        mapping = nil
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
        copy.copyMemory(from: bytes)
        base = copy.baseAddress
    }

    deinit {
        if let mapping {
            mapping.forget()
            munmap(base, count)
        } else {
            base?.deallocate()
        }
    }

    /// The bytes; not to be used after the last reference to this object is gone.
    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// Gives all bytes in their order, part by part. The system may take the pages of each back at once, so that a
    /// large file does not stay in memory; whoever needs them finds them as before.
    package func stream(_ body: (UnsafeRawBufferPointer) -> Void) {
        let size = 8 << 20
        for start in stride(from: 0, to: count, by: size) {
            let part = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + size, count)])
            body(part)
            if mapping != nil {
                madvise(UnsafeMutableRawPointer(mutating: part.baseAddress), part.count, MADV_DONTNEED)
            }
        }
    }
}

/// Part of a mapped file, kept alive by it.
struct ByteRange: Sendable {
    let file: MappedFile
    let range: Range<Int>

    /// The range must lie inside the file: whoever makes a `ByteRange` has checked it.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: file.bytes[range]) }
    var count: Int { range.count }
}
