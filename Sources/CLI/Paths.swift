/// Paths as text: nothing here asks the disk. They are taken apart by their bytes, as the system does: a mark that
/// combines with the slash before it is one character with it.
enum Paths {
    private static let slash = UInt8(ascii: "/")

    static func parts(_ path: String) -> [String] { path.utf8.split(separator: slash).map { String(Substring($0)) } }

    static func name(_ path: String) -> String { parts(path).last ?? path }

    static func folder(_ path: String) -> String {
        guard let last = path.utf8.lastIndex(of: slash) else { return "." }
        return last == path.startIndex ? "/" : String(path[..<last])
    }

    static func joined(_ folder: String, _ name: String) -> String {
        folder == "." || folder.isEmpty ? name : folder.utf8.last == slash ? folder + name : folder + "/" + name
    }

    /// Whether a path, taken as text, lies below a folder; both absolute.
    static func isBelow(_ path: String, _ folder: String) -> Bool {
        path.utf8.starts(with: (folder.utf8.last == slash ? folder : folder + "/").utf8)
    }

    /// Without the last `.extension` of the last part; a leading dot starts no extension.
    static func withoutExtension(_ path: String) -> String {
        let start = path.utf8.lastIndex(of: slash).map { path.utf8.index(after: $0) } ?? path.startIndex
        let name = path.utf8[start...]
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), name[..<dot].contains(where: { $0 != UInt8(ascii: ".") })
        else { return path }
        return String(path[..<dot])
    }

    /// The last so many parts; all of them where there are fewer.
    static func last(_ count: Int, of path: String) -> String { parts(path).suffix(count).joined(separator: "/") }

    /// The absolute path, with `.` and `..` worked out.
    static func absolute(_ path: String, from workingFolder: String) -> String {
        "/" + absoluteParts(path, from: workingFolder).joined(separator: "/")
    }

    /// A file's path as it is seen from a folder; both absolute, with `.` and `..` worked out.
    static func relative(_ path: String, to folder: String) -> String {
        let (parts, base) = (self.parts(path), self.parts(folder))
        let shared = zip(parts, base).prefix { $0.0.utf8.elementsEqual($0.1.utf8) }.count
        return (base.dropFirst(shared).map { _ in ".." } + parts.dropFirst(shared)).joined(separator: "/")
    }

    /// The parts of the absolute path, with `.` and `..` worked out.
    static func absoluteParts(_ path: String, from workingFolder: String) -> [String] {
        parts(path.utf8.first == slash ? path : workingFolder + "/" + path).reduce(into: []) { parts, part in
            if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(part) }
        }
    }
}
