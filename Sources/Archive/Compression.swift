/// What a tar may be compressed by, or taken for, told by a file's first bytes.
package enum Compression: String, CaseIterable, Sendable {
    case gzip, zstd, xz, bzip2, zip

    /// - Parameter bytes: the first of a file; 16 tell all of them apart from text.
    package init?(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes.prefix(16))
        guard let kind = Self.allCases.first(where: { $0.begins(bytes) }) else { return nil }
        self = kind
    }

    private func begins(_ bytes: [UInt8]) -> Bool {
        switch self {
        case .gzip: bytes.starts(with: [0x1F, 0x8B])
        case .zstd: bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
        case .xz: bytes.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0])
        // The level's digit stands between the two.
        case .bzip2: bytes.starts(with: Array("BZh".utf8)) && bytes.dropFirst(4).starts(with: [0x31, 0x41, 0x59, 0x26])
        case .zip: bytes.starts(with: Array("PK\u{3}\u{4}".utf8))
        }
    }

    /// The command that writes a file's uncompressed bytes to standard output; nil for ZIP, which is no compressed tar.
    package var unpacker: String? {
        switch self {
        case .gzip: "gunzip -c"
        case .zstd: "zstd -dc"
        case .xz: "xz -dc"
        case .bzip2: "bunzip2 -c"
        case .zip: nil
        }
    }
}

extension Compression: CustomStringConvertible {
    package var description: String {
        if let unpacker {
            "compressed by \(rawValue): unpack it on the way (\(unpacker) FILE | gradcam -)"
        } else {
            "a ZIP archive: unpack it and give the folder"
        }
    }
}
