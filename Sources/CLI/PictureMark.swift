import Imaging

/// What every picture that the program writes says of itself, so that it is never taken for a photo later.
enum PictureMark {
    static let text = "gradcam " + Vocabulary.version

    /// Whether this program wrote the file, in any version and under any name. An editor that saves it anew removes the
    /// mark.
    static func isOn(_ path: String) -> Bool { Image.software(contentsOf: path)?.hasPrefix("gradcam ") ?? false }

    /// The same of a file's first bytes.
    static func isOn(_ beginning: [UInt8]) -> Bool {
        beginning.withUnsafeBytes { Image.software(of: $0) }?.hasPrefix("gradcam ") ?? false
    }
}
