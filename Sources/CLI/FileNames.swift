/// What a photo's files are called: `{method}_cam.jpg` for a single photo, `{photo}_{method}_cam.jpg` for one of
/// several, and `{method}_{class index}_cam.jpg` where several classes were asked for; `compare.jpg`, in the same way,
/// where all methods are on one.
struct FileNames {
    enum Kind: String, CaseIterable { case cam, gb, cam_gb, compare, map }
    /// Of pictures, by the extension.
    enum Format: String { case jpeg = "jpg", png }

    let folder: String
    let namesClasses: Bool

    /// - Parameter method: nil where the file is of all of them.
    func path(of kind: Kind, as format: Format = .jpeg, photo: Photo, method: String?, category: Int) -> String {
        let what = kind == .map ? "cam.npy" : "\(kind.rawValue).\(format.rawValue)"
        let parts = [photo.name, method, namesClasses ? "\(category)" : nil, what]
        return Paths.joined(folder, parts.compactMap { $0 }.joined(separator: "_"))
    }
}
