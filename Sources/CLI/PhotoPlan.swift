/// What `--dry-run` tells of one photo.
struct PhotoPlan: Equatable {
    let input: String
    /// `{class}` stands for classes that only explaining the photo tells.
    let files: [String]

    var text: String { ([input.visible] + files.map { "-> " + $0.visible }).joined(separator: "\n") }
    var json: JSON {
        .object(Report.beginning + [("input", .string(input)), ("files", .array(files.map(JSON.string)))])
    }
}
