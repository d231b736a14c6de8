/// What a file is, told by its first bytes (its magic number), never by its name.
enum PictureFormat: Equatable {
    case jpeg, png, empty
    case other(OtherFile)
    case unknown

    /// - Parameter bytes: the file's first; a kilobyte tells all of them apart.
    init(_ bytes: UnsafeRawBufferPointer) {
        func begins(_ magic: [UInt8], _ offset: Int) -> Bool {
            bytes.count >= offset + magic.count && bytes[offset..<offset + magic.count].elementsEqual(magic)
        }
        if bytes.isEmpty {
            self = .empty
        } else if begins([0xFF, 0xD8], 0) {
            self = .jpeg
        } else if begins([0x89] + Array("PNG".utf8), 0) {
            self = .png
        } else if let known = OtherFile.signatures.first(where: { begins($0.magic, $0.offset) }) {
            self = .other(known.file)
        } else if let file = OtherFile(ofBoxes: bytes) ?? OtherFile(ofText: bytes) {
            self = .other(file)
        } else {
            self = bytes.count >= 16 && bytes.allSatisfy { $0 == 0 } ? .other(.zeros) : .unknown
        }
    }
}

/// A file that is none of those that are read.
public struct OtherFile: Sendable, Equatable {
    /// What it is, with an article, and what to do with it.
    public let what, advice: String
}
