/// A photo's file taken apart into the pieces that the format makes it of, to be written again with lengths and
/// checksums mended.
struct Segments {
    enum Format { case jpeg, png }

    /// A PNG's chunk, or a JPEG's segment with what is coded after it.
    struct Piece {
        /// A PNG's four letters, or a JPEG's marker.
        var name: [UInt8]
        var content: [UInt8]
        /// A JPEG's bytes up to the next marker.
        var coded: [UInt8] = []
    }

    static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    let format: Format
    var pieces: [Piece] = []

    /// - Returns: nil where the bytes are neither, or cannot be taken apart.
    init?(_ bytes: [UInt8]) {
        if bytes.starts(with: Self.signature) {
            format = .png
            var rest = bytes.dropFirst(8)
            while rest.count >= 12 {
                let count = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
                guard count <= rest.count - 12 else { break }
                let body = rest.dropFirst(4)
                pieces.append(Piece(name: Array(body.prefix(4)), content: Array(body.dropFirst(4).prefix(count))))
                rest = rest.dropFirst(12 + count)
            }
        } else if bytes.starts(with: [0xff, 0xd8]) {
            format = .jpeg
            var rest = bytes.dropFirst(2)
            while rest.count >= 4, rest.first == 0xff {
                let start = rest.startIndex
                let count = max(Int(rest[start + 2]) << 8 | Int(rest[start + 3]), 2)
                var piece = Piece(
                    name: Array(rest.prefix(2)), content: Array(rest.dropFirst(4).prefix(count - 2)))
                rest = rest.dropFirst(2 + count)
                while let byte = rest.first, byte != 0xff || rest.dropFirst().first == 0 || isRestart(rest) {
                    piece.coded.append(byte)
                    rest = rest.dropFirst()
                }
                pieces.append(piece)
            }
        } else {
            return nil
        }
        if pieces.isEmpty { return nil }
        func isRestart(_ rest: ArraySlice<UInt8>) -> Bool { rest.dropFirst().first.map { 0xd0...0xd7 ~= $0 } ?? false }
    }

    /// The file.
    var bytes: [UInt8] {
        switch format {
        case .png:
            return pieces.reduce(into: Self.signature) { out, piece in
                let body = piece.name + piece.content
                out += Self.bigEndian(UInt32(piece.content.count)) + body + Self.bigEndian(Self.checksum(body))
            }
        case .jpeg:
            return pieces.reduce(into: [0xff, 0xd8]) { out, piece in
                let count = min(piece.content.count + 2, 65_535)
                out += piece.name + [UInt8(count >> 8), UInt8(count & 255)] + piece.content.prefix(count - 2)
                out += piece.coded
            } + [0xff, 0xd9]
        }
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

    /// CRC-32: https://www.w3.org/TR/png-3/#D-CRCAppendix
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0 as UInt32) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { rest, _ in rest >> 1 ^ (rest & 1 == 1 ? 0xedb8_8320 : 0) }
        }
    }
}
