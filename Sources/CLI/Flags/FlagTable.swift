extension Flag {
    struct Section: Sendable {
        let title: String
        let flags: [Flag]
    }

    static let all = sections.flatMap(\.flags)

    /// Every flag, in the order of `--help`. A new flag is one entry in a section (`Flags/`) and one field in
    /// `Arguments`.
    static let sections: [Section] = [.photos, .manyPhotos, .network, .computing, .pictures, .trust, .reports]
}
