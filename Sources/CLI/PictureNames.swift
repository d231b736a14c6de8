/// What files' names tell of pictures.
enum PictureNames {
    static func isPhoto(_ name: String) -> Bool {
        let name = name.lowercased()
        return [".jpg", ".jpeg", ".jpe", ".jfif", ".png"].contains { name.hasSuffix($0) }
    }

    static func isTar(_ name: String) -> Bool { name.lowercased().hasSuffix(".tar") }

    /// Whether it may be the name of one of the program's own pictures, which only its content tells.
    static func mayBeOwn(_ name: String) -> Bool {
        FileNames.Kind.allCases.contains { kind in
            FileNames.Format.allCases.contains { name.hasSuffix("\(kind.rawValue).\($0.rawValue)") }
        }
    }

    /// What a name ends with, where it is that of a picture that is not read.
    static func otherPicture(_ name: String) -> String? {
        let name = name.lowercased()
        return [
            ".heic", ".heif", ".avif", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".jxl", ".jp2", ".dng", ".cr2", ".cr3",
            ".nef", ".arw", ".raf", ".orf", ".rw2", ".psd", ".svg", ".dcm",
        ].first { name.hasSuffix($0) }
    }
}
