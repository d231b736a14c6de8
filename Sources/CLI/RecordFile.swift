import Platform

/// An open file of a run's records: a regular one, whatever else may lie under its name. It is closed with the object.
final class RecordFile {
    let path: String
    private let descriptor: Int32

    /// - Parameter flags: of `open`.
    init(_ path: String, _ flags: Int32) throws(RecordFault) {
        self.path = path
        // Without O_NONBLOCK, opening a pipe would wait for somebody at its other end.
        descriptor = open(path, flags | O_CLOEXEC | O_NONBLOCK, 0o666)
        guard descriptor >= 0 else { throw RecordFault(path: path, kind: .system(errno)) }
        let kind = try status.st_mode & S_IFMT
        guard kind != S_IFDIR else { throw RecordFault(path: path, kind: .system(EISDIR)) }
        guard kind == S_IFREG else { throw RecordFault(path: path, kind: .foreign) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// In bytes.
    var count: Int { get throws(RecordFault) { Int(try status.st_size) } }

    /// Takes all of it away.
    func empty() throws(RecordFault) {
        guard ftruncate(descriptor, 0) == 0 else { throw RecordFault(path: path, kind: .system(errno)) }
    }

    /// Whether the file of this path is still the same one.
    var isInPlace: Bool {
        guard let own = try? status, let found = try? FileStatus(of: path) else { return false }
        return found.identity == .init(device: UInt64(own.st_dev), inode: UInt64(own.st_ino))
    }

    private var status: stat {
        get throws(RecordFault) {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw RecordFault(path: path, kind: .system(errno)) }
            return status
        }
    }

    /// Reads as much as there is from a place on; less than the buffer holds at the file's end alone.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(RecordFault) -> Int {
        var filled = 0
        while filled < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + filled))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw RecordFault(path: path, kind: .system(errno)) }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// So many bytes from a place on, fewer where the file ends.
    func bytes(at offset: Int, count: Int) throws(RecordFault) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { buffer.deallocate() }
        return Array(buffer[..<(try read(at: offset, into: buffer))])
    }

    /// Writes by one call of the system: where a file is opened for appending, lines of several processes stay whole.
    func write(_ bytes: [UInt8]) throws(RecordFault) {
        while true {
            let count = bytes.withUnsafeBytes { Platform.write(descriptor, $0.baseAddress, $0.count) }
            if count == bytes.count { return }
            if count < 0, errno == EINTR { continue }
            // A full disk takes a part.
            throw RecordFault(path: path, kind: .system(count < 0 ? errno : ENOSPC))
        }
    }
}

/// Why `manifest.json` or a journal cannot be used.
struct RecordFault: Error, Equatable {
    enum Kind: Equatable {
        /// By `errno`.
        case system(Int32)
        /// Something else lies there under its name.
        case foreign
        /// A line that is longer than any record.
        case longLine(most: Int)
    }
    let path: String
    let kind: Kind
}
