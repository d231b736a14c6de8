/// The names of photos' files, no two the same.
///
/// A photo is called by its path below the folder that was given, or by its file name where the photo itself was given,
/// without the extension. Where photos would share a name, each of them keeps its extension (`cat.jpg`, `cat.png`);
/// where that is not enough, each takes in the folders above it, one after another, until they differ (`train/cat.jpg`,
/// `test/cat.jpg`).
enum PhotoNames {
    /// A photo by its absolute path, and how many parts of it lie below the given folder; 1 where the photo itself was
    /// given.
    struct Candidate: Equatable {
        let path: String
        let depth: Int

        func name(level: Int) -> String {
            let name = Paths.last(depth + max(level - 1, 0), of: path)
            return level == 0 ? Paths.withoutExtension(name) : name
        }
        var lastLevel: Int { 1 + Paths.parts(path).count - depth }
    }

    static func names(for candidates: [Candidate]) -> [String] {
        var levels = [Int](repeating: 0, count: candidates.count)
        var names = candidates.map { $0.name(level: 0) }
        while true {
            // By bytes: to Swift two spellings of one accented letter are equal.
            let clashing = Dictionary(grouping: names.indices) { Array(names[$0].utf8) }.values
                .filter { $0.count > 1 }.joined()
            let raised = clashing.filter { levels[$0] < candidates[$0].lastLevel }
            if raised.isEmpty { return names }
            for index in raised {
                levels[index] += 1
                names[index] = candidates[index].name(level: levels[index])
            }
        }
    }
}
