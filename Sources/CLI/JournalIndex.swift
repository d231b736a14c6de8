import Platform

/// Where the last record of every photo stands in the journals of an output folder. It holds a hash and a place of
/// each, no text: records are read when they are asked for.
struct JournalIndex: Sendable {
    private let folder: String
    private let journals: [String]
    /// By the hash of a photo's name: the number of the journal above the lowest 40 bits, the offset of the line in
    /// these.
    private var places: [UInt64: UInt64] = [:]
    private static let offsetBits: UInt64 = 40

    /// Reads the journals of a folder once; lines that are not whole or none of the program's are passed over, and a
    /// folder that is not there has none.
    ///
    /// - Parameter share: whose photos are looked for: those of the other shares of as many have journals of their own,
    ///   which are not read.
    /// - Throws: `RecordFault` where a journal cannot be read.
    init(folder: String, share: Share = .whole) throws(RecordFault) {
        self.folder = folder
        do throws(SystemError) {
            journals = try System.names(in: folder).map { String(decoding: $0, as: UTF8.self) }
                .filter { Journal.isJournal($0) && !Journal.isOfOthers($0, than: share) }.sorted().map {
                    Paths.joined(folder, $0)
                }
        } catch {
            guard error.code == ENOENT else { throw RecordFault(path: folder, kind: .system(error.code)) }
            journals = []
        }
        for number in journals.indices { try read(number) }
    }

    /// How many photos are known.
    var count: Int { places.count }

    /// The record of a photo that is done, nil where it is not: its last record is of the same input, unchanged, and of
    /// the same settings, and all its files are there as they were written, no older than the input and the network.
    ///
    /// - Parameters:
    ///   - photo, input, settings: as `Journal.append` takes them.
    ///   - network: when it was last changed, in microseconds since 1970.
    func complete(
        _ photo: String, input: JournalRecord.File, settings: String, network: Int
    ) -> JournalRecord? {
        guard let record = record(named: photo), record.input.isSame(as: input), record.settings == settings else {
            return nil
        }
        let areThere = record.files.allSatisfy { file in
            guard let found = try? FileStatus(of: Paths.joined(folder, file.path)), found.kind == .file else {
                return false
            }
            return file.isSame(as: .init(file.path, found)) && found.modified / 1000 >= max(input.modified, network)
        }
        return areThere ? record : nil
    }

    /// The last record of a photo; nil where there is none, or none that can be read any more.
    func record(named photo: String) -> JournalRecord? {
        let name = JournalRecord.name(of: photo)
        guard let place = name.withUnsafeBytes({ places[Self.hash($0)] }),
            let line = try? line(at: place), let record = JournalRecord(line: line)
        else { return nil }
        return record.photo == photo ? record : nil
    }

    // MARK: Reading

    private static func hash(_ name: UnsafeRawBufferPointer) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(bytes: name)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    private static let chunk = 1 << 20
    /// Of a line.
    static let mostBytes = 1 << 26

    private mutating func read(_ number: Int) throws(RecordFault) {
        let file = try RecordFile(journals[number], O_RDONLY)
        var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunk, alignment: 16)
        defer { buffer.deallocate() }
        var offset = 0
        while true {
            let count = try file.read(at: offset, into: buffer), bytes = UnsafeRawBufferPointer(buffer)
            var start = 0
            while let end = Self.lineFeed(in: bytes[start..<count]) {
                let place = UInt64(number) << Self.offsetBits | UInt64(offset + start)
                try note(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), at: place, in: file)
                start = end + 1
            }
            offset += start
            if count < buffer.count { return }
            if start == 0 {
                // A line that is longer than what was read.
                guard buffer.count < Self.mostBytes else {
                    throw RecordFault(path: file.path, kind: .longLine(most: Self.mostBytes))
                }
                let larger = 2 * buffer.count
                buffer.deallocate()
                buffer = .allocate(byteCount: larger, alignment: 16)
            }
        }
    }

    /// The place of the first, by the system's own search.
    private static func lineFeed(in bytes: Slice<UnsafeRawBufferPointer>) -> Int? {
        guard let base = bytes.base.baseAddress, let found = memchr(base + bytes.startIndex, 0x0A, bytes.count) else {
            return nil
        }
        return UnsafeRawPointer(found) - base
    }

    /// - Parameter file: the journal that it stands in.
    private mutating func note(
        _ line: UnsafeRawBufferPointer, at place: UInt64, in file: RecordFile
    ) throws(RecordFault) {
        guard let (time, name) = JournalRecord.head(of: line) else { return }
        let key = Self.hash(name)
        if let known = places[key] {
            let (journal, offset) = Self.parts(known)
            // Of one journal the later line holds, whatever the clock said.
            let other = journals[journal] == file.path ? nil : try RecordFile(journals[journal], O_RDONLY)
            if let other, let before = JournalRecord.time(of: try other.bytes(at: offset, count: 32)), before > time {
                return
            }
        }
        places[key] = place
    }

    private static func parts(_ place: UInt64) -> (journal: Int, offset: Int) {
        (Int(place >> offsetBits), Int(place & (1 << offsetBits - 1)))
    }

    private func line(at place: UInt64) throws(RecordFault) -> [UInt8] {
        let (journal, offset) = Self.parts(place), file = try RecordFile(journals[journal], O_RDONLY)
        var size = 1 << 12
        while true {
            let bytes = try file.bytes(at: offset, count: size)
            if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) { return Array(bytes[..<end]) }
            guard bytes.count == size else { return [] }
            size *= 4
        }
    }
}
