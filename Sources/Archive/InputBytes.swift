import Platform

/// A file's or a pipe's bytes in their order, which are never sought in.
final class InputBytes {
    /// How many bytes were taken.
    private(set) var offset = 0
    private let file: Int32
    private let room: UnsafeMutableRawBufferPointer
    /// Those of `room` that were read and not taken.
    private var ready: Range<Int>

    /// - Parameters:
    ///   - file: a descriptor, which is not closed.
    ///   - beginning: what was read from it before.
    init(_ file: Int32, beginning: [UInt8]) {
        self.file = file
        room = .allocate(byteCount: max(1 << 17, beginning.count), alignment: 16)
        room.copyBytes(from: beginning)
        ready = 0..<beginning.count
    }

    deinit { room.deallocate() }

    /// The next bytes, which are not taken: `count`, 128 KB at the most, or fewer where it ends. They stay until the
    /// next call.
    func peek(_ count: Int) throws(TarError) -> UnsafeRawBufferPointer {
        if ready.count < count {
            room.copyMemory(from: UnsafeRawBufferPointer(rebasing: room[ready]))
            ready = 0..<ready.count
            while ready.count < count {
                let more = try read(into: UnsafeMutableRawBufferPointer(rebasing: room[ready.count...]))
                if more == 0 { break }
                ready = 0..<(ready.count + more)
            }
        }
        return UnsafeRawBufferPointer(rebasing: room[ready].prefix(count))
    }

    /// Takes bytes into memory until it is full or they end.
    ///
    /// - Returns: how many.
    func take(into memory: UnsafeMutableRawBufferPointer) throws(TarError) -> Int {
        var filled = min(memory.count, ready.count)
        memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: room[ready].prefix(filled)))
        ready = (ready.lowerBound + filled)..<ready.upperBound
        while filled < memory.count {
            let more = try read(into: UnsafeMutableRawBufferPointer(rebasing: memory[filled...]))
            if more == 0 { break }
            filled += more
        }
        offset += filled
        return filled
    }

    /// Takes bytes that nobody wants.
    ///
    /// - Returns: whether there were so many.
    func skip(_ count: Int) throws(TarError) -> Bool {
        var left = count
        while left > 0 {
            if ready.isEmpty, try peek(1).isEmpty { return false }
            let taken = min(left, ready.count)
            ready = (ready.lowerBound + taken)..<ready.upperBound
            offset += taken
            left -= taken
        }
        return true
    }

    /// - Returns: how many bytes were read; 0 at the end.
    private func read(into memory: UnsafeMutableRawBufferPointer) throws(TarError) -> Int {
        while true {
            let count = Platform.read(file, memory.baseAddress, memory.count)
            if count >= 0 { return count }
            let code = errno
            guard waited(for: file, POLLIN, after: code) else { throw .unreadable(code: code) }
        }
    }
}
