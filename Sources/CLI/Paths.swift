/// Paths as text: nothing here asks the disk.
enum Paths {
    static func name(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    static func folder(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func joined(_ folder: String, _ name: String) -> String {
        folder == "." || folder.isEmpty ? name : folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }

    /// Without the last `.extension` of the last part; a leading dot starts no extension.
    static func withoutExtension(_ path: String) -> String {
        let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        guard let dot = path[start...].lastIndex(of: "."), dot > start else { return path }
        return String(path[..<dot])
    }

    /// The last so many parts; all of them where there are fewer.
    static func last(_ count: Int, of path: String) -> String {
        path.split(separator: "/").suffix(count).joined(separator: "/")
    }

    /// The absolute path, with `.` and `..` worked out.
    static func absolute(_ path: String, from workingFolder: String) -> String {
        "/" + absoluteParts(path, from: workingFolder).joined(separator: "/")
    }

    /// The parts of the absolute path, with `.` and `..` worked out.
    static func absoluteParts(_ path: String, from workingFolder: String) -> [String] {
        let whole = path.hasPrefix("/") ? path : workingFolder + "/" + path
        return whole.split(separator: "/").reduce(into: []) { parts, part in
            if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(String(part)) }
        }
    }
}
