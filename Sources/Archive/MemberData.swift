import Platform

/// The data of one member, in memory of its own.
package final class MemberData: @unchecked Sendable {
    /// Written by the reader alone, before anybody else has it.
    let memory: UnsafeMutableRawBufferPointer

    /// nil where the system has no memory for so many bytes.
    package init?(count: Int) {
        guard let start = malloc(max(count, 1)) else { return nil }
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
