import ActivationMaps

/// What files' names tell of pictures.
enum PictureNames {
    /// What photos are among other files: for most networks pictures, for those of other channels and of signals arrays.
    enum Kind { case picture, array }

    /// Whether a file is a photo by its name; of arrays those are none that the program writes.
    static func isPhoto(_ name: String, _ kind: Kind = .picture) -> Bool {
        let name = name.lowercased()
        switch kind {
        case .picture: return pictures.contains { name.hasSuffix($0) }
        case .array: return name.hasSuffix(".npy") && !isOwnArray(name)
        }
    }

    private static let pictures = [".jpg", ".jpeg", ".jpe", ".jfif", ".png"]

    /// Whether it is the name of one of the program's own arrays (`cat_gradcam_cam.npy`, `concepts.npy`): their content
    /// does not tell.
    static func isOwnArray(_ path: String) -> Bool {
        let name = Paths.name(path)
        if name == "concepts.npy" || ["_concepts.npy", ".concepts.npy"].contains(where: { name.hasSuffix($0) }) {
            return true
        }
        return name.hasSuffix("_cam.npy") && Methods.all.contains { name.contains($0.name + "_") }
    }

    static func isTar(_ name: String) -> Bool { name.lowercased().hasSuffix(".tar") }

    /// Whether it may be the name of one of the program's own pictures, which only its content tells.
    static func mayBeOwn(_ name: String) -> Bool {
        FileNames.Kind.allCases.contains { kind in
            FileNames.Format.allCases.contains { name.hasSuffix("\(kind.rawValue).\($0.fileExtension)") }
        }
    }

    /// What a name ends with, where it is that of a picture that is not read.
    static func otherPicture(_ name: String, _ kind: Kind = .picture) -> String? {
        let isOwn = mayBeOwn(name), name = name.lowercased()
        return
            ((kind == .array && !isOwn ? pictures : []) + [
                ".heic", ".heif", ".avif", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".jxl", ".jp2", ".dng", ".cr2",
                ".cr3",
                ".nef", ".arw", ".raf", ".orf", ".rw2", ".psd", ".svg", ".dcm",
            ]).first { name.hasSuffix($0) }
    }
}
