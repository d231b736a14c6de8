import Platform

extension Image {
    /// What a picture says made it: a JPEG's first comment, or the text `Software` of a PNG, as
    /// `jpeg(quality:comment:)` and `png(software:)` write it at the file's beginning. nil where the first 4096 bytes
    /// say nothing, or cannot be read.
    public static func software(contentsOf path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) // a named pipe must not make it wait
        guard file >= 0 else { return nil }
        defer { close(file) }
        return withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { start in
            let count = max(read(file, start.baseAddress, start.count), 0)
            return software(of: UnsafeRawBufferPointer(rebasing: start[..<count]))
        }
    }

    /// The same by a file's first bytes.
    public static func software(of bytes: UnsafeRawBufferPointer) -> String? {
        switch PictureFormat(bytes) {
        case .jpeg: comment(inJPEG: bytes)
        case .png: software(inPNG: bytes)
        default: nil
        }
    }

    /// Segments are a marker (0xFF and its code) and a length of two bytes that counts itself; 0xDA begins the pixels.
    private static func comment(inJPEG bytes: UnsafeRawBufferPointer) -> String? {
        var place = 2
        while place + 4 <= bytes.count, bytes[place] == 0xFF {
            let length = Int(bytes[place + 2]) << 8 | Int(bytes[place + 3]), end = place + 2 + length
            guard bytes[place + 1] != 0xDA, length >= 2, end <= bytes.count else { return nil }
            if bytes[place + 1] == 0xFE { return String(decoding: bytes[place + 4..<end], as: UTF8.self) }
            place = end
        }
        return nil
    }

    /// Chunks are a length of four bytes, a type, so many bytes, and four of a checksum; IDAT holds pixels.
    private static func software(inPNG bytes: UnsafeRawBufferPointer) -> String? {
        let key = Array("tEXtSoftware\0".utf8)
        var place = 8
        while place + 8 <= bytes.count {
            let length = (0..<4).reduce(0) { $0 << 8 | Int(bytes[place + $1]) }, end = place + 8 + length
            guard end <= bytes.count, !bytes[place + 4..<place + 8].elementsEqual("IDAT".utf8) else { return nil }
            if bytes[place + 4..<end].starts(with: key) {
                return String(decoding: bytes[place + 4 + key.count..<end], as: UTF8.self)
            }
            place = end + 4
        }
        return nil
    }
}
