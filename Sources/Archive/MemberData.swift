import Platform

/// The data of one member, or of what comes through a pipe, in memory of its own.
package final class MemberData: @unchecked Sendable {
    /// Written by the reader alone, before anybody else has it.
    let memory: UnsafeMutableRawBufferPointer

    /// nil where the system has no memory for so many bytes.
    package init?(count: Int) {
        // No machine has more, and some allocators end the program rather than say so.
        guard count < 1 << 40, let start = malloc(max(count, 1)) else { return nil }
        memory = UnsafeMutableRawBufferPointer(start: start, count: count)
    }

    /// All that a descriptor brings from where it stands on.
    ///
    /// - Parameters:
    ///   - beginning: what was read of it before.
    ///   - most: bytes, of both together.
    /// - Throws: `.tooLarge` after the first byte too many, `.outOfMemory`, `.unreadable`.
    package init(readFrom descriptor: Int32, beginning: [UInt8], most: Int) throws(TarError) {
        var room = max(beginning.count, 1 << 20), count = beginning.count
        guard var start = malloc(room) else { throw .outOfMemory(size: room) }
        beginning.withUnsafeBytes {
            start.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(start), byteCount: $0.count)
        }
        do throws(TarError) {
            while true {
                guard count <= most else { throw .tooLarge(size: count, limit: most) }
                if count == room {
                    room *= 2
                    guard let larger = realloc(start, room) else { throw .outOfMemory(size: room) }
                    start = larger
                }
                let more = Platform.read(descriptor, start + count, room - count)
                let code = errno
                guard more >= 0 || waited(for: descriptor, POLLIN, after: code) else { throw .unreadable(code: code) }
                if more == 0 { break }
                count += max(more, 0)
            }
        } catch {
            free(start)
            throw error
        }
        memory = UnsafeMutableRawBufferPointer(start: start, count: count)
    }

    deinit { free(memory.baseAddress) }

    package var count: Int { memory.count }

    package func withUnsafeBytes<Result, Fault>(
        _ body: (UnsafeRawBufferPointer) throws(Fault) -> Result
    ) throws(Fault) -> Result {
        try body(UnsafeRawBufferPointer(memory))
    }
}
