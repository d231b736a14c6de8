extension OtherFile {
    private static let convert = "convert it to JPEG or PNG"

    private static func picture(_ name: String, _ program: String? = nil) -> OtherFile {
        OtherFile(
            what: name + " picture, which is not supported", advice: convert + (program.map { " (\($0))" } ?? ""))
    }
    private static func video(_ name: String) -> OtherFile {
        OtherFile(what: name + " video", advice: "save a picture out of it as JPEG or PNG")
    }
    private static func archive(_ name: String) -> OtherFile {
        OtherFile(what: name + " archive", advice: "unpack it and give the pictures in it")
    }
    private static func document(_ name: String, _ program: String) -> OtherFile {
        OtherFile(what: name + " document", advice: "save its pages as JPEG or PNG (\(program))")
    }
    private static func data(_ name: String) -> OtherFile {
        OtherFile(what: name + ", not a picture", advice: "give a JPEG or PNG file")
    }

    static let zeros = OtherFile(
        what: "nothing but zeros, not a picture", advice: "copy or download the file again")
    private static let heic = picture("a HEIC", "heif-convert"), avif = picture("an AVIF", "heif-convert")
    private static let raw = picture("a raw camera")
    private static let tiff = picture("a TIFF or raw camera")
    private static let jpeg2000 = picture("a JPEG 2000"), jpegXL = picture("a JPEG XL", "djxl")
    private static let pnm = picture("a PNM")

    /// What stands in a file of a kind, and where; the first that fits holds.
    static let signatures: [(offset: Int, magic: [UInt8], file: OtherFile)] =
        ([
            (0, "GIF8", picture("a GIF")), (8, "WEBP", picture("a WebP", "dwebp")), (8, "AVI ", video("an AVI")),
            (0, "II*\0", tiff), (0, "MM\0*", tiff), (0, "II+\0", tiff), (0, "MM\0+", tiff),
            (0, "IIU\0", raw), (0, "IIRO", raw), (0, "IIRS", raw), (0, "MMOR", raw), (0, "FUJIFILMCCD-RAW", raw),
            (0, "FOVb", raw), (0, "8BPS", picture("a Photoshop")), (0, "gimp xcf", picture("a GIMP")),
            (0, "qoif", picture("a QOI")), (0, "DDS ", picture("a DDS")), (0, "SIMPLE  =", picture("a FITS")),
            (0, "#?RADIANCE", picture("a Radiance HDR")), (0, "P1\n", pnm), (0, "P2\n", pnm), (0, "P3\n", pnm),
            (0, "P4\n", pnm), (0, "P5\n", pnm), (0, "P6\n", pnm), (0, "P7\n", pnm), (0, "Pf\n", pnm), (0, "PF\n", pnm),
            (4, "JXL ", jpegXL), (4, "jP  ", jpeg2000), (128, "DICM", picture("a DICOM", "dcmj2pnm")),
            (0, "%PDF-", document("a PDF", "pdftoppm -png")), (0, "%!PS", document("a PostScript", "gs")),
            (0, "PK\u{3}\u{4}", archive("a ZIP")), (0, "BZh", archive("a bzip2")), (0, "Rar!", archive("a RAR")),
            (257, "ustar", archive("a tar")), (0, "BM", picture("a BMP")),
            (
                0, "version https://git-lfs",
                OtherFile(what: "a Git LFS pointer, not the picture", advice: "git lfs pull fetches it")
            ),
            (
                0, "/annex/objects/",
                OtherFile(what: "a git-annex pointer, not the picture", advice: "git annex get fetches it")
            ),
            (0, "bplist", data("a property list")), (0, "SQLite format 3", data("an SQLite database")),
        ] as [(Int, String, OtherFile)]).map { ($0, Array($1.utf8), $2) }
        + [
            (0, [0xFF, 0x0A], jpegXL), (0, [0xFF, 0x4F, 0xFF, 0x51], jpeg2000),
            (0, [0x00, 0x00, 0x01, 0x00], picture("an icon")), (0, [0x76, 0x2F, 0x31, 0x01], picture("an OpenEXR")),
            (0, [0x8A, 0x4D, 0x4E, 0x47], picture("an MNG")), (0, [0x8B, 0x4A, 0x4E, 0x47], picture("a JNG")),
            (0, [0x1A, 0x45, 0xDF, 0xA3], video("a Matroska or WebM")), (0, [0x1F, 0x8B], archive("a gzip")),
            (0, [0xFD, 0x37, 0x7A, 0x58, 0x5A], archive("an xz")),
            (0, [0x28, 0xB5, 0x2F, 0xFD], archive("a Zstandard")),
            (0, [0x37, 0x7A, 0xBC, 0xAF], archive("a 7z")), (0, [0x93] + Array("NUMPY".utf8), data("a NumPy array")),
            (0, [0x89] + Array("HDF".utf8), data("HDF5 data")), (0, [0x80, 0x02], data("pickled Python data")),
            (0, [0x7F] + Array("ELF".utf8), data("a program")),
        ]

    /// How the brands of a file of boxes begin; the first that is there holds.
    private static let brands = [
        ("avi", avif), ("hei", heic), ("hev", heic), ("mif", heic), ("msf", heic), ("crx", raw), ("jxl", jpegXL),
        ("jp2", jpeg2000), ("jpx", jpeg2000), ("qt", video("a QuickTime")),
    ]

    /// A file of boxes (ISO/IEC 14496-12), told by the brands in the first, `ftyp`.
    init?(ofBoxes bytes: UnsafeRawBufferPointer) {
        func text(_ at: Int) -> String { String(decoding: bytes[at..<at + 4], as: UTF8.self) }
        guard bytes.count >= 12, bytes[0] == 0 else { return nil }
        if ["moov", "mdat", "wide", "free", "skip"].contains(text(4)) {
            self = Self.video("a QuickTime")
            return
        }
        guard text(4) == "ftyp" else { return nil }
        let length = bytes[..<4].reduce(0) { $0 << 8 | Int($1) }
        // The major brand, and behind its version those that the file is compatible with.
        let brands = ([8] + stride(from: 16, through: min(length, bytes.count) - 4, by: 4)).map(text)
        self =
            Self.brands.first { start, _ in brands.contains { $0.hasPrefix(start) } }?.1 ?? Self.video("an MP4")
    }

    /// Text, told by what it begins with; nil where there is a byte that no text has.
    init?(ofText bytes: UnsafeRawBufferPointer) {
        let utf16 = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
        let head = bytes.prefix(1024).filter { !(utf16 && $0 == 0) }
        guard utf16 || !head.contains(where: { $0 < 32 && !(8...13 ~= $0) && $0 != 27 || $0 == 127 }) else {
            return nil
        }
        guard utf16 || isUTF8(head) else { return nil }
        let text = String(decoding: head, as: UTF8.self).lowercased().drop { !($0.isASCII && !$0.isWhitespace) }
        if text.hasPrefix("<svg") || text.hasPrefix("<?xml") && text.contains("<svg") {
            self = Self.picture("an SVG", "rsvg-convert")
        } else if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") || text.hasPrefix("<head") {
            self = OtherFile(
                what: "a web page (HTML), not a picture",
                advice: "what was downloaded is an error or a login; fetch the picture itself")
        } else if text.hasPrefix("<?xml") || text.hasPrefix("<!--") {
            self = Self.data("XML")
        } else if text.hasPrefix("{") || text.hasPrefix("[") {
            self = Self.data("JSON")
        } else {
            self = Self.data("text")
        }
    }
}

/// Whether bytes are UTF-8, but for a character that is cut off at their end.
private func isUTF8(_ bytes: [UInt8]) -> Bool {
    (0...3).contains { String(validating: bytes.dropLast($0), as: UTF8.self) != nil }
}
