import Platform

/// Writes a tar to a file or a pipe: POSIX's ustar, with extended headers (pax) where a path or a size does not fit or
/// a path is not ASCII.
///
/// The same members give the same bytes: none has a time. A member has left when `add`, or the last `append`, returns.
/// After an error the tar is of no use.
package final class TarWriter {
    package typealias Sink = ([UInt8]) throws(TarError) -> Void

    private let sink: Sink
    private var buffer: [UInt8] = []
    private var written = 0
    /// Bytes of the member's data that are still to come.
    private var expected = 0
    private var padding = 0
    /// Bytes after which what is buffered is written.
    private static let mostBuffered = 1 << 16
    /// A tar's length is a multiple of this, as GNU tar and POSIX have it.
    private static let recordSize = 10240

    /// - Parameter descriptor: a file or a pipe, which is not closed.
    package convenience init(descriptor: Int32) {
        self.init { bytes throws(TarError) in try Self.write(bytes, to: descriptor) }
    }

    /// - Parameter sink: takes the tar's bytes in their order.
    package init(to sink: @escaping Sink) { self.sink = sink }

    /// Writes a member.
    package func add(_ path: String, _ bytes: [UInt8]) throws(TarError) {
        try begin(path, size: bytes.count)
        if !bytes.isEmpty { try append(bytes) }
    }

    /// Begins a member, whose `size` bytes `append` gives then.
    ///
    /// - Parameter path: not empty, without NUL.
    package func begin(_ path: String, size: Int) throws(TarError) {
        precondition(expected == 0 && size >= 0, "the member before is not complete")
        buffer += TarHeader.blocks(path: Array(path.utf8), size: size, modified: 0)
        (expected, padding) = (size, -size & (TarHeader.blockSize - 1))
        if size == 0 { try flush() }
    }

    /// The next bytes of the member's data, no more than are still to come.
    package func append(_ bytes: [UInt8]) throws(TarError) {
        precondition(bytes.count <= expected, "more bytes than the member's size")
        expected -= bytes.count
        if buffer.count + bytes.count > Self.mostBuffered { try flush() }
        if bytes.count > Self.mostBuffered { try write(bytes) } else { buffer += bytes }
        guard expected == 0 else { return }
        buffer += [UInt8](repeating: 0, count: padding)
        try flush()
    }

    /// Writes the tar's end; to be called once, at last.
    package func finish() throws(TarError) {
        precondition(expected == 0, "the last member is not complete")
        let end = 2 * TarHeader.blockSize
        let record = (Self.recordSize - (written + end) % Self.recordSize) % Self.recordSize
        buffer += [UInt8](repeating: 0, count: end + record)
        try flush()
    }

    private func flush() throws(TarError) {
        try write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    private func write(_ bytes: [UInt8]) throws(TarError) {
        try sink(bytes)
        written += bytes.count
    }

    private static func write(_ bytes: [UInt8], to file: Int32) throws(TarError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Platform.write(file, $0.baseAddress! + done, $0.count - done) }
            let code = errno
            if count >= 0 {
                done += count
            } else if !waited(for: file, POLLOUT, after: code) {
                throw Self.fault(code)
            }
        }
    }

    private static func fault(_ code: Int32) -> TarError {
        switch code {
        case EPIPE: .closed
        case ENOSPC, EDQUOT: .noSpace(code: code)
        default: .unwritable(code: code)
        }
    }
}
