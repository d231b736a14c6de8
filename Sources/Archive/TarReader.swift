import Platform

/// A member of a tar, by its header.
package struct TarMember: Equatable, Sendable {
    package enum Kind: Sendable {
        case file
        /// A file without its zeros, as GNU tar stores sparse ones.
        case sparse
        /// A symbolic link, or a name more for a member that came before (`tar` writes files of several names so).
        case link
        /// A folder, a device, or what only the program knows that wrote it.
        case other
    }
    /// As the tar has it, in no certain encoding.
    package let path: [UInt8]
    package let kind: Kind
    /// Of its data, in bytes.
    package let size: Int
    /// Where its last header begins in the tar.
    package let offset: Int
}

/// Reads a tar member by member from a file or a pipe: the formats v7, ustar, pax and GNU's, uncompressed.
///
/// The end are two blocks of zeros, or the end of the file where a header could stand (`lacksEnd`).
/// Data that nobody asks for are passed over in constant memory.
package final class TarReader {
    /// Whether anything but zeros follows the end, as where tars were joined (`cat a.tar b.tar`); it is not read. To be
    /// asked after the last member.
    package private(set) var goesOn = false

    /// Whether it ended without a block of zeros, as one does that was cut off between two members. To be asked after
    /// the last member.
    package private(set) var lacksEnd = false

    private let input: InputBytes
    private var global = PaxRecords()
    private var member: TarMember?
    /// Bytes of the member's data that were not read, and of what fills its last block.
    private var unread = 0, padding = 0
    private var isOver = false
    private var failure: TarError?
    /// The most bytes of a header's texts, far above any system's longest path.
    private static let mostText = 1 << 20

    /// - Parameters:
    ///   - descriptor: a file or a pipe, which is not closed.
    ///   - beginning: what was read from it before, to tell what it is.
    package init(descriptor: Int32, beginning: [UInt8] = []) {
        input = InputBytes(descriptor, beginning: beginning)
    }

    /// Whether bytes begin with a tar's header.
    ///
    /// - Parameter beginning: the first of a file; 512 are looked at.
    package static func isTar(_ beginning: [UInt8]) -> Bool {
        beginning.prefix(TarHeader.blockSize).withUnsafeBytes(TarHeader.isValid)
    }

    /// The next member; nil at the end. What was thrown is thrown again by every call that follows.
    package func next() throws(TarError) -> TarMember? {
        if let failure { throw failure }
        do throws(TarError) {
            try pass()
            member = isOver ? nil : try advance()
            return member
        } catch {
            failure = error
            throw error
        }
    }

    /// The first bytes of the member's data, `most` (128 KB at the most) or all; they count as unread.
    package func beginning(most: Int) throws(TarError) -> [UInt8] {
        let count = min(most, unread)
        let bytes = try input.peek(count)
        guard bytes.count >= count else { throw ended() }
        return Array(bytes)
    }

    /// All of the member's data, to be asked for once.
    ///
    /// - Parameter most: bytes that it may have; memory is taken only for so many.
    /// - Throws: `.tooLarge` and `.outOfMemory` where this member alone cannot be read.
    package func data(most: Int) throws(TarError) -> MemberData {
        guard unread <= most else { throw .tooLarge(size: unread, limit: most) }
        guard let data = MemberData(count: unread) else { throw .outOfMemory(size: unread) }
        let count = try input.take(into: data.memory)
        unread -= count
        guard unread == 0 else { throw ended() }
        return data
    }

    private func ended() -> TarError {
        let fault = TarError.truncated(offset: member?.offset ?? 0)
        failure = fault
        return fault
    }

    /// Passes over what is left of a member.
    private func pass() throws(TarError) {
        let rest = unread + padding
        (unread, padding) = (0, 0)
        guard try input.skip(rest) else { throw ended() }
    }

    private func advance() throws(TarError) -> TarMember? {
        var own: PaxRecords?
        var longName: [UInt8]?
        while true {
            let offset = input.offset
            guard let header = try header() else {
                // Headers that tell of a member which does not come.
                if own != nil || longName != nil { throw .truncated(offset: offset) }
                return nil
            }
            switch header.type {
            case UInt8(ascii: "g"):
                guard global.read(try text(of: header, at: offset)) else { throw .extendedHeader(offset: offset) }
            case UInt8(ascii: "x"), UInt8(ascii: "X"):
                var records = own ?? global
                guard records.read(try text(of: header, at: offset)) else { throw .extendedHeader(offset: offset) }
                own = records
            case UInt8(ascii: "L"): longName = Array(try text(of: header, at: offset).prefix { $0 != 0 })
            case UInt8(ascii: "K"): _ = try text(of: header, at: offset)
            default:
                let records = own ?? global
                return try member(header, records, path: records.path ?? longName ?? header.path, at: offset)
            }
        }
    }

    private func member(
        _ header: TarHeader, _ records: PaxRecords, path: [UInt8], at offset: Int
    ) throws(TarError) -> TarMember {
        let kind: TarMember.Kind =
            switch header.type {
            // Before there was a type for folders, a slash told them.
            case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
                path.last == UInt8(ascii: "/") ? .other : records.isSparse ? .sparse : .file
            case UInt8(ascii: "S"): .sparse
            case UInt8(ascii: "1"), UInt8(ascii: "2"): .link
            default: .other
            }
        // Links, devices, folders and pipes have no data, whatever their size says.
        let hasData = !(UInt8(ascii: "1")...UInt8(ascii: "6") ~= header.type)
        guard let size = hasData ? records.size ?? header.size : 0, size <= TarHeader.mostSize else {
            throw .size(offset: offset)
        }
        if header.type == UInt8(ascii: "S"), header.mapGoesOn { try passMap(at: offset) }
        expect(size)
        return TarMember(path: path, kind: kind, size: size, offset: offset)
    }

    private func expect(_ size: Int) { (unread, padding) = (size, -size & (TarHeader.blockSize - 1)) }

    /// The next header; nil at the end.
    private func header() throws(TarError) -> TarHeader? {
        var zeros = 0
        while true {
            let (offset, block) = (input.offset, try input.peek(TarHeader.blockSize))
            if block.isEmpty {
                (isOver, lacksEnd) = (true, zeros == 0)
                return nil
            }
            let isWhole = block.count == TarHeader.blockSize
            if isWhole, block.allSatisfy({ $0 == 0 }) {
                zeros += 1
                _ = try input.skip(TarHeader.blockSize)
                guard zeros == 2 else { continue }
                isOver = true
                try passEnd()
                return nil
            }
            guard isWhole, TarHeader.isValid(block) else {
                if offset == 0 { throw Compression(block).map { .compressed($0) } ?? .notATar }
                throw isWhole ? .checksum(offset: offset) : .truncated(offset: offset)
            }
            let header = TarHeader(block)
            _ = try input.skip(TarHeader.blockSize)
            return header
        }
    }

    /// Reads on to the end of the file, so that what writes to the pipe can end well.
    private func passEnd() throws(TarError) {
        while case let bytes = try input.peek(TarHeader.blockSize), !bytes.isEmpty {
            goesOn = goesOn || !bytes.allSatisfy { $0 == 0 }
            _ = try input.skip(bytes.count)
        }
    }

    /// The data of a header that tells of the next member.
    private func text(of header: TarHeader, at offset: Int) throws(TarError) -> [UInt8] {
        guard let size = header.size else { throw .size(offset: offset) }
        guard size <= Self.mostText else { throw .extendedHeader(offset: offset) }
        var bytes = [UInt8](repeating: 0, count: size)
        var fault: TarError?
        let count = bytes.withUnsafeMutableBytes { memory -> Int in
            do throws(TarError) { return try input.take(into: memory) } catch {
                fault = error
                return 0
            }
        }
        if let fault { throw fault }
        guard count == size, try input.skip(-size & (TarHeader.blockSize - 1)) else { throw .truncated(offset: offset) }
        return bytes
    }

    /// Passes over the rest of a sparse file's map, which its size does not count.
    private func passMap(at offset: Int) throws(TarError) {
        var goesOn = true
        while goesOn {
            let block = try input.peek(TarHeader.blockSize)
            guard block.count == TarHeader.blockSize else { throw .truncated(offset: offset) }
            goesOn = block[TarHeader.Field.mapBlockGoesOn] != 0
            _ = try input.skip(TarHeader.blockSize)
        }
    }
}
