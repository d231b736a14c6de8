/// One photo to explain: where it is read, and what its files are called.
struct Photo: Sendable, Equatable {
    /// As given, or as found in a folder.
    let path: String
    /// What the names of its files begin with, folders included (`pets/cat`); nil where a single photo was given.
    let name: String?
}

/// Why a path brings no photo, without words.
enum PhotoFault: Error, Equatable {
    case system(Int32)
    case noPhotoInside, notAPhotoOrFolder, nameNotUTF8, emptyList, emptyNULList, holdsNUL, longList, onlyOwnPictures
}

/// The names of photos' files, no two the same.
///
/// A photo is called by its path below the folder that was given, or by its file name where the photo itself was given,
/// without the extension. Where photos would share a name, each of them keeps its extension (`cat.jpg`, `cat.png`);
/// where that is not enough, each takes in the folders above it, one after another, until they differ (`train/cat.jpg`,
/// `test/cat.jpg`).
enum PhotoNames {
    /// `below` is the path below the given folder, or the file name; `parts` are those of the absolute path, which ends
    /// with `below`.
    struct Candidate: Equatable {
        let below: String
        let parts: [String]

        func name(level: Int) -> String {
            if level == 0 { return Paths.withoutExtension(below) }
            return parts.suffix(below.split(separator: "/").count + level - 1).joined(separator: "/")
        }
        var lastLevel: Int { 1 + parts.count - below.split(separator: "/").count }
    }

    static func names(for candidates: [Candidate]) -> [String] {
        var levels = [Int](repeating: 0, count: candidates.count)
        var names = candidates.map { $0.name(level: 0) }
        while true {
            let clashing = Dictionary(grouping: names.indices) { names[$0] }.values.filter { $0.count > 1 }.joined()
            let raised = clashing.filter { levels[$0] < candidates[$0].lastLevel }
            if raised.isEmpty { return names }
            for index in raised {
                levels[index] += 1
                names[index] = candidates[index].name(level: levels[index])
            }
        }
    }
}
