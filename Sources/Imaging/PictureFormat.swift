/// What a file is, told by its first bytes (its magic number), never by its name.
enum PictureFormat: Equatable {
    case jpeg, png
    case other(String)
    case unknown

    /// Bytes that tell every format apart.
    static let length = 16

    init(_ bytes: UnsafeRawBufferPointer) {
        func holds(_ magic: [UInt8], at offset: Int = 0) -> Bool {
            bytes.count >= offset + magic.count && bytes[offset..<offset + magic.count].elementsEqual(magic)
        }
        func says(_ text: String, at offset: Int = 0) -> Bool { holds(Array(text.utf8), at: offset) }

        if holds([0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if holds([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if says("GIF8") {
            self = .other("GIF")
        } else if says("RIFF"), says("WEBP", at: 8) {
            self = .other("WebP")
        } else if says("BM") {
            self = .other("BMP")
        } else if says("II*\0") || says("MM\0*") || says("II+\0") || says("MM\0+") {
            self = .other("TIFF or raw camera")
        } else if says("ftypavi", at: 4) {
            self = .other("AVIF")
        } else if ["ftyphei", "ftyphev", "ftypmif", "ftypmsf"].contains(where: { says($0, at: 4) }) {
            self = .other("HEIC")
        } else if holds([0xFF, 0x0A]) || says("JXL ", at: 4) {
            self = .other("JPEG XL")
        } else if holds([0xFF, 0x4F, 0xFF, 0x51]) || says("jP  ", at: 4) {
            self = .other("JPEG 2000")
        } else if says("8BPS") {
            self = .other("Photoshop")
        } else if says("<svg") {
            self = .other("SVG")
        } else {
            self = .unknown
        }
    }
}
