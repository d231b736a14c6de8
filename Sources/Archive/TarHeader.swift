/// A header block of a tar: POSIX's `ustar`, GNU tar's and the one of Unix v7 differ in what stands behind the first
/// 257 bytes. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06 and
/// https://www.gnu.org/software/tar/manual/html_node/Standard.html
struct TarHeader {
    /// Bytes of every block.
    static let blockSize = 512
    /// The greatest size that is believed, in bytes.
    static let mostSize = 1 << 60

    /// Where each field stands.
    enum Field {
        static let name = 0..<100, mode = 100..<108, user = 108..<116, group = 116..<124, size = 124..<136
        static let modified = 136..<148, checksum = 148..<156, type = 156, magic = 257..<265
        static let majorDevice = 329..<337, minorDevice = 337..<345, prefix = 345..<500
        /// Whether blocks of a sparse file's map follow; in GNU's own header, and in each of these blocks.
        static let mapGoesOn = 482, mapBlockGoesOn = 504
    }

    let type: UInt8
    /// Of the data behind the header, in bytes; nil where the field is no number.
    let size: Int?
    let path: [UInt8]
    let mapGoesOn: Bool

    /// - Parameter block: one whose checksum is right.
    init(_ block: UnsafeRawBufferPointer) {
        func text(_ field: Range<Int>) -> [UInt8] { Array(block[field].prefix { $0 != 0 }) }
        type = block[Field.type]
        size = Self.number(block[Field.size])
        // Where POSIX has a prefix of the path, GNU has times.
        let prefix = block[Field.magic].starts(with: Array("ustar\0".utf8)) ? text(Field.prefix) : []
        path = prefix.isEmpty ? text(Field.name) : prefix + [UInt8(ascii: "/")] + text(Field.name)
        mapGoesOn = block[Field.mapGoesOn] != 0
    }

    /// Whether a block is a header: its checksum is the sum of its bytes, with the checksum itself taken as spaces.
    /// Some writers of old added bytes of -128...127.
    static func isValid(_ block: UnsafeRawBufferPointer) -> Bool {
        guard block.count == blockSize, let stated = number(block[Field.checksum]) else { return false }
        var sum = Field.checksum.count * 32, negatives = 0
        for (place, byte) in block.enumerated() where !Field.checksum.contains(place) {
            sum += Int(byte)
            negatives += Int(byte >> 7)
        }
        return stated == sum || stated == sum - 256 * negatives
    }

    /// Octal digits between spaces and NULs, of which none is 0; or, as GNU and star write what is too large for that,
    /// a highest bit of 1 and a binary number behind it, the highest byte first. nil where it is neither, or negative,
    /// or 2^63 and more.
    static func number(_ field: Slice<UnsafeRawBufferPointer>) -> Int? {
        if let first = field.first, first & 0x80 != 0 {
            return field.dropFirst().reduce(first & 0x40 == 0 ? Int(first & 0x3F) : nil) { number, byte in
                number.flatMap { $0 < 1 << 55 ? $0 << 8 | Int(byte) : nil }
            }
        }
        let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix { 0x30...0x37 ~= $0 }
        guard digits.endIndex == field.endIndex || [0, UInt8(ascii: " ")].contains(field[digits.endIndex]) else {
            return nil
        }
        return digits.reduce(0) { $0 << 3 | Int($1 & 7) }
    }
}
