import Platform
import Testing

@testable import Archive

/// No byte of a file can do more than end its reading with a typed fault.
@Suite struct DamagedTarTests {
    static let small: [UInt8] = try! written { tar in
        try tar.add("a.jpg", content(100))
        try tar.add("ä.jpg", content(513))
        try tar.finish()
    }

    @Test func truncatedAtEveryLength() {
        // Two members, the second behind an extended header of two blocks.
        let borders = [0, 1024, 1024 + 1536 + 1024], ends = [512 + 100, 1024 + 1536 + 513]
        for length in 0..<Self.small.count {
            let reading = Reading(Array(Self.small[..<length]))
            let isWhole = borders.contains(length) || length == borders[2] + 512 || length >= borders[2] + 1024
            #expect((reading.fault == nil) == isWhole, "\(length)")
            #expect(reading.members.count == ends.filter { $0 <= length }.count, "\(length)")
        }
        #expect(Reading(Array(Self.small[..<900])).fault == .truncated(offset: 0))
        #expect(Reading(Array(Self.small[..<1100])).fault == .truncated(offset: 1024))
    }

    @Test func everyByteChanged() {
        for place in Self.small[..<3584].indices {
            for change in [0x01, 0x80, 0xFF] as [UInt8] {
                var bytes = Self.small
                bytes[place] ^= change
                let reading = Reading(bytes)
                #expect(reading.members.count <= 2)
                // In the first header it is the checksum that tells, but for the last byte of the checksum itself.
                if place < 512, place != 155 { #expect(reading.fault == .notATar, "\(place)") }
            }
        }
    }

    /// With a checksum that is right, whatever the size says.
    @Test(
        arguments: [
            ("77777777777\0", nil), ("-0000000001\0", .size(offset: 0)), ("0000000008 \0", .size(offset: 0)),
            ("abc\0", .size(offset: 0)), ("\u{0}", nil), ("      1 \0", nil),
        ] as [(String, TarError?)])
    func sizes(_ text: String, _ fault: TarError?) {
        var field = [UInt8](repeating: 0, count: 12)
        for (place, byte) in text.utf8.prefix(12).enumerated() { field[place] = byte }
        let reading = Self.reading(size: field)
        if let fault { #expect(reading.fault == fault) } else { #expect(reading.fault != .size(offset: 0)) }
    }

    @Test(
        arguments: [
            ([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100], nil),
            ([0x80, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .size(offset: 0)),
            ([0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0], .size(offset: 0)),
            ([0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], .size(offset: 0)),
            ([0xBF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .size(offset: 0)),
            ([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .size(offset: 0)),
            ([0x80, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0], .tooLarge(size: 1 << 60, limit: 1 << 20)),
        ] as [([UInt8], TarError?)])
    func binarySizes(_ field: [UInt8], _ fault: TarError?) { #expect(Self.reading(size: field).fault == fault) }

    private static func reading(size field: [UInt8]) -> Reading {
        var bytes = small
        bytes.replaceSubrange(TarHeader.Field.size, with: field)
        mend(&bytes)
        return Reading(bytes)
    }

    private static func mend(_ bytes: inout [UInt8]) {
        bytes.replaceSubrange(TarHeader.Field.checksum, with: Array("        ".utf8))
        let sum = String(bytes[..<512].reduce(0) { $0 + Int($1) }, radix: 8)
        bytes.replaceSubrange(148..<(148 + sum.utf8.count), with: Array(sum.utf8))
    }

    /// Some writers give a link the size of its file, and a folder that of what is in it.
    @Test(arguments: ["1", "2", "5"] as [Unicode.Scalar]) func noDataBehindLinksAndFolders(_ type: Unicode.Scalar) {
        var header = Array(Self.small[..<512])
        header[TarHeader.Field.type] = UInt8(ascii: type)
        Self.mend(&header)
        #expect(Reading(header + Self.small).members.map(\.path) == ["a.jpg", "a.jpg", "ä.jpg"])
    }

    @Test func memoryIsNotTakenOnAPromise() {
        let header = TarHeader.blocks(path: [97], size: 1 << 59, modified: 0)
        #expect(Reading(header, most: .max).fault == .outOfMemory(size: 1 << 59))
        #expect(Reading(header, most: 1000).fault == .tooLarge(size: 1 << 59, limit: 1000))
    }

    @Test func sumsOfSignedBytes() {
        var bytes = Self.small
        bytes[0] = 0xE4
        Self.mend(&bytes)
        #expect(Reading(bytes).members.count == 2)
        let unsigned = TarHeader.number(bytes.withUnsafeBytes { Slice(base: $0, bounds: 148..<156) })!
        bytes.replaceSubrange(148..<154, with: Array(("000000" + String(unsigned - 256, radix: 8)).utf8.suffix(6)))
        #expect(Reading(bytes).members.count == 2)
    }

    @Test(arguments: [
        "", "5 a=\n", "6 a=b\n", "10 path=b\n6 a=b\n", "12 path=a/b\n8 path=\n",
    ]) func recordsWellFormed(_ text: String) {
        var records = PaxRecords()
        let isWellFormed = records.read(Array(text.utf8))
        #expect(isWellFormed)
        #expect(records.path == (text.hasPrefix("10") ? Array("b".utf8) : nil))
    }

    @Test(arguments: [
        "5", "a", "0 a=b\n", "99 a=b\n", "6 a=b ", "6 abc\n", "2 \n", "-6 a=b\n", " 6 a=b\n",
        "99999999999999999999 a=b\n",
        "10 size=x\n", "11 size=-1\n", "28 size=9223372036854775808\n", "6 a=b\n7", "3 =\n",
    ]) func recordsMalformed(_ text: String) {
        var records = PaxRecords()
        let isWellFormed = records.read(Array(text.utf8))
        #expect(!isWellFormed)
    }

    @Test func otherFiles() {
        let beginnings: [(Compression, [UInt8])] = [
            (.gzip, [0x1F, 0x8B, 8]), (.zstd, [0x28, 0xB5, 0x2F, 0xFD]), (.xz, [0xFD] + Array("7zXZ\0".utf8)),
            (.bzip2, Array("BZh91AY&SY".utf8)), (.zip, Array("PK\u{3}\u{4}".utf8)),
        ]
        for (compression, bytes) in beginnings {
            #expect(Reading(bytes + content(600)).fault == .compressed(compression))
            #expect(Reading(bytes).fault == .compressed(compression))
        }
        #expect(Reading(Array("BZhang.jpg\n".utf8)).fault == .notATar)
        #expect(Reading(content(600)).fault == .notATar)
        #expect(TarReader.isTar(Self.small) && TarReader.isTar(Array(Self.small[..<512])))
        #expect(!TarReader.isTar(Array(Self.small[..<511])) && !TarReader.isTar([UInt8](repeating: 0, count: 512)))
    }
}
