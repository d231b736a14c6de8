/// What a file that is not an ONNX model seems to be, by its first bytes.
public enum FileKind: Equatable, Sendable, CaseIterable {
    case jpeg, png, zip, gzip, pickle, hdf5, tflite, ort, numpy, html, gitLFSPointer, text, unknown

    private static let marks: [(kind: FileKind, offset: Int, bytes: [UInt8])] = [
        (.jpeg, 0, [0xff, 0xd8, 0xff]),
        (.png, 0, [0x89] + "PNG\r\n".utf8),
        (.zip, 0, "PK".utf8 + [3, 4]),
        (.gzip, 0, [0x1f, 0x8b]),
        (.pickle, 0, [0x80, 2]),
        (.pickle, 0, [0x80, 4]),
        (.hdf5, 0, [0x89] + "HDF\r\n".utf8),
        (.tflite, 4, Array("TFL3".utf8)),
        (.ort, 4, Array("ORTM".utf8)),
        (.numpy, 0, [0x93] + "NUMPY".utf8),
        (.gitLFSPointer, 0, Array("version https://git-lfs".utf8)),
    ]

    init(of bytes: UnsafeRawBufferPointer) {
        let start = bytes.prefix(512)
        if let mark = Self.marks.first(where: { start.dropFirst($0.offset).starts(with: $0.bytes) }) {
            self = mark.kind
        } else if !Self.isText(start, isCut: start.count < bytes.count) {
            self = .unknown
        } else if start.first(where: { $0 > 0x20 }) == UInt8(ascii: "<") {
            self = .html
        } else {
            self = .text
        }
    }

    /// Whether the bytes are UTF-8 without control characters other than white space; a cut may divide the last
    /// character.
    private static func isText(_ bytes: Slice<UnsafeRawBufferPointer>, isCut: Bool) -> Bool {
        bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f || (9...13).contains($0) }
            && (0...(isCut ? 3 : 0)).contains { String(validating: bytes.dropLast($0), as: UTF8.self) != nil }
    }
}
