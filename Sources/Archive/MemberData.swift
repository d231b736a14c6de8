import Platform

/// The data of one member, in memory of its own.
package final class MemberData: @unchecked Sendable {
    /// Written by the reader alone, before anybody else has it.
    let memory: UnsafeMutableRawBufferPointer

    /// nil where the system has no memory for so many bytes.
    package init?(count: Int) {
        // No machine has more, and some allocators end the program rather than say so.
        guard count < 1 << 40, let start = malloc(max(count, 1)) else { return nil }
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
