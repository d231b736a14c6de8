import ActivationMaps
import Platform

/// The paths of a list, one after another, read while they are asked for: lines, or what ends in NUL. Empty ones are
/// passed over.
///
/// Lines may begin with a byte order mark, end in CR and LF, or be UTF-16, which is read whole and is at most 64 MB.
struct PathLines {
    private let descriptor: Int32
    private let end: UInt8
    var endsInNUL: Bool { end == 0 }
    /// What was read, and from where on nothing of it was given yet.
    private var room: [UInt8] = [], start = 0
    private var hasBegun = false, isOver = false

    /// - Parameter beginning: what was read before.
    init(descriptor: Int32, endsInNUL: Bool, beginning: [UInt8] = []) {
        (self.descriptor, room) = (descriptor, beginning)
        end = endsInNUL ? 0 : UInt8(ascii: "\n")
    }

    /// So many bytes without a path are no list.
    static let mostWithoutPath = 1 << 20
    static let mostOfUTF16 = 64_000_000

    /// The next path, nil at the end of the list.
    ///
    /// - Throws: `.holdsNUL`, `.noList`, `.system`; the list is over then.
    mutating func next() throws(PhotoFault) -> [UInt8]? {
        do throws(PhotoFault) {
            if !hasBegun { try begin() }
            for _ in 0..<Self.mostWithoutPath {
                guard let line = try line() else { return nil }
                if !line.isEmpty { return line }
            }
            throw .noList
        } catch {
            (room, start, isOver) = ([], 0, true)
            throw error
        }
    }

    private mutating func line() throws(PhotoFault) -> [UInt8]? {
        var searched = start
        while true {
            if let place = room[searched...].firstIndex(of: end) {
                defer { start = place + 1 }
                return try path(room[start..<place])
            }
            let length = room.count - start
            guard length <= Self.mostWithoutPath else { throw .noList }
            if try !read() {
                defer { start = room.count }
                return length == 0 ? nil : try path(room[start...])
            }
            searched = start + length
        }
    }

    private func path(_ line: ArraySlice<UInt8>) throws(PhotoFault) -> [UInt8] {
        guard end != 0 else { return Array(line) }
        guard !line.contains(0) else { throw .holdsNUL }
        return Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
    }

    /// Reads what tells the encoding.
    private mutating func begin() throws(PhotoFault) {
        hasBegun = true
        guard end != 0 else { return }
        while room.count < 3, try read() {}
        if room.starts(with: [0xFF, 0xFE]) || room.starts(with: [0xFE, 0xFF]) {
            while try read() { guard room.count <= Self.mostOfUTF16 else { throw .noList } }
        }
        room = utf8(of: room)
    }

    /// Reads some more; false at the end.
    private mutating func read() throws(PhotoFault) -> Bool {
        guard !isOver else { return false }
        room.removeSubrange(..<start)
        start = 0
        return try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 16) { chunk throws(PhotoFault) in
            var count = Platform.read(descriptor, chunk.baseAddress, chunk.count)
            while count < 0 {
                let code = errno
                guard waited(for: descriptor, POLLIN, after: code) else { throw .system(code) }
                count = Platform.read(descriptor, chunk.baseAddress, chunk.count)
            }
            isOver = count == 0
            room += UnsafeBufferPointer(rebasing: chunk[..<count])
            return count > 0
        }
    }
}
