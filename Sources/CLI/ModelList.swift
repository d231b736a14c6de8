import Platform

/// The lines of `--list-models`: name, size, file; the one taken where none is named comes with a star.
enum ModelList {
    static func text(_ finder: ModelFinder) -> String {
        let entries = finder.installed()
        guard !entries.isEmpty else { return Messages.text(.noneInstalled(folders: finder.folders)) }
        let standard = try? finder.find(nil)
        let width = entries.map(\.name.count).max() ?? 0
        return entries.map { entry in
            (entry == standard ? "* " : "  ") + entry.name + String(repeating: " ", count: width - entry.name.count)
                + "  \(fixed(Float(entry.size) / 1e6, digits: 1)) MB  " + entry.path
        }.joined(separator: "\n")
    }
}
