extension Flag {
    struct Section: Sendable {
        let title: String
        let flags: [Flag]
    }

    static let all = sections.flatMap(\.flags)

    /// Every flag, in the order of `--help`. A new flag is one entry in a section (`Flags/`) and one field in
    /// `Arguments`.
    static let sections: [Section] = [
        .photos, .manyPhotos, .network, .computing, .pictures, .trust, .reports, .program,
    ]

    /// - Parameter name: long or short.
    static func named(_ name: String) -> Flag? { all.first { $0.name == name || $0.short == name } }

    /// As it stands before a value.
    var names: [String] { [short].compactMap { $0 } + [name] }
}
