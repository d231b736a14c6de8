/// What the files of a tar's photos are called, no two photos the same.
///
/// A photo's files share the photo's path without its extension, so that WebDataset counts them to the photo's sample:
/// `0001.jpg` gives `0001.gradcam_cam.jpg`, `0001.left.jpg` gives `0001.left.gradcam_cam.jpg`. Where an earlier photo
/// has that name, the extension stays: `0001.png.gradcam_cam.jpg` after `0001.jpg`.
package struct MemberNames {
    /// What a photo's files begin with, before a dot; `.` and empty parts of the path are left out, and all parts up to
    /// the last `..`, as tar does, so that it leads nowhere else.
    package struct Name: Equatable, Sendable {
        /// Below an output folder.
        package let file: String
        /// In a tar: with the `./` that the photo's own path begins with, which is a part of its sample's key.
        package let member: String
    }

    package enum Fault: Error, Equatable, Sendable {
        /// The path has bytes that are no UTF-8, a NUL, or no name in it.
        case notUTF8, holdsNUL, noName
        /// The same path came before in the tar.
        case twice
        /// Both names that the photo could have belong to earlier ones.
        case taken
    }

    /// Hashes of 64 bits: a tar of 10^6 photos takes one for another with a probability of 10^-7.
    private var paths: Set<Int> = [], names: Set<Int> = []

    package init() {}

    /// - Parameter path: a member's, as the tar has it.
    package mutating func name(of path: [UInt8]) throws(Fault) -> Name {
        guard !path.contains(0) else { throw .holdsNUL }
        guard let text = String(validating: path, as: UTF8.self) else { throw .notUTF8 }
        guard paths.insert(path.hashValue).inserted else { throw .twice }
        let parts = text.utf8.split(separator: UInt8(ascii: "/"))
        let safe = parts.suffix(from: parts.lastIndex { $0.elementsEqual("..".utf8) }.map { $0 + 1 } ?? 0)
            .filter { !$0.elementsEqual(".".utf8) }.map { String($0)! }
        guard let last = safe.last else { throw .noName }
        for name in [Self.withoutExtension(last), last] {
            let file = (safe.dropLast() + [name]).joined(separator: "/")
            guard names.insert(Array(file.utf8).hashValue).inserted else { continue }
            return Name(file: file, member: (text.utf8.starts(with: "./".utf8) ? "./" : "") + file)
        }
        throw .taken
    }

    /// Whether a part of the path begins with a dot, as of the files `._name` that macOS packs beside its own.
    package static func isHidden(_ path: [UInt8]) -> Bool {
        path.split(separator: UInt8(ascii: "/")).contains {
            $0.first == UInt8(ascii: ".") && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8)
        }
    }

    /// Where nothing but dots would be left, the extension stays: `.` and `..` are no names.
    private static func withoutExtension(_ name: String) -> String {
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return name }
        return name.utf8[..<dot].allSatisfy { $0 == UInt8(ascii: ".") } ? name : String(name[..<dot])
    }
}
