/// What a photo's files are called: `{method}_cam.jpg` for a single photo, `{photo}_{method}_cam.jpg` for one of
/// several, and `{method}_{class index}_cam.jpg` where several classes were asked for; `compare.jpg`, in the same way,
/// where all methods are on one, and `concepts.jpg`, which is of no class either.
struct FileNames {
    enum Kind: String, CaseIterable {
        case cam, gb, cam_gb, compare, concepts, map, conceptMaps

        /// Whether there is one for every method.
        var isOfMethod: Bool { [.cam, .gb, .cam_gb, .map].contains(self) }
    }
    /// Of pictures, by the extension.
    enum Format: String { case jpeg = "jpg", png }

    let folder: String
    let namesClasses: Bool

    /// - Parameter method, category: nil where the file is of all or none of them.
    func path(of kind: Kind, as format: Format = .jpeg, photo: Photo, method: String?, category: String?) -> String {
        let what =
            switch kind {
            case .map: "cam.npy"
            case .conceptMaps: "concepts.npy"
            case .cam, .gb, .cam_gb, .compare, .concepts: "\(kind.rawValue).\(format.rawValue)"
            }
        let parts = [photo.name, method, namesClasses ? category : nil, what]
        return Paths.joined(folder, parts.compactMap { $0 }.joined(separator: "_"))
    }
}
