/// Rows of a file that belong to photos. A row belongs to a photo whose path is the row's, or ends in it
/// (`pets/cat.jpg` is of `/photos/pets/cat.jpg`, `cat.jpg` of any of that name), with the extension or without; where
/// the paths of several rows are ends of a photo's, the longest holds.
struct PhotoTable<Row: Sendable>: Sendable {
    /// By the parts of the rows' paths.
    private var rows: [String: [Row]] = [:]

    /// How many rows a photo has at most.
    var most: Int { rows.keys.reduce(0) { max($0, found($1)?.count ?? 0) } }

    /// How many paths have rows.
    var count: Int { rows.count }

    mutating func add(_ row: Row, to path: String) {
        rows[Paths.parts(path).filter { $0 != "." }.joined(separator: "/"), default: []].append(row)
    }

    /// The rows of a photo, in their order; empty where there are none.
    ///
    /// - Parameter path: absolute, or a tar's and the member's own.
    func rows(of path: String) -> [Row] {
        let parts = Paths.parts(path)
        for start in parts.indices {
            let end = parts[start...].joined(separator: "/")
            if let found = found(end) { return found }
        }
        return []
    }

    /// Those of an end of a photo's path, with its extension and without; nil where there are none.
    private func found(_ end: String) -> [Row]? {
        let bare = Paths.withoutExtension(end)
        guard bare != end, let others = rows[bare] else { return rows[end] }
        return (rows[end] ?? []) + others
    }
}
