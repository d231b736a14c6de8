/// What a photo's files are called: `{method}_cam.jpg` for a single photo, `{photo}_{method}_cam.jpg` for one of
/// several, and `{method}_{class index}_cam.jpg` where several classes were asked for.
struct FileNames {
    enum Kind: String, CaseIterable { case cam, gb, cam_gb, map }
    /// Of pictures, by the extension.
    enum Format: String { case jpeg = "jpg", png }

    let folder: String
    let namesClasses: Bool

    func path(of kind: Kind, as format: Format = .jpeg, photo: Photo, method: String, category: Int) -> String {
        let what =
            method + (namesClasses ? "_\(category)" : "")
            + (kind == .map ? "_cam.npy" : "_\(kind.rawValue).\(format.rawValue)")
        return Paths.joined(folder, photo.name.map { $0 + "_" + what } ?? what)
    }
}
