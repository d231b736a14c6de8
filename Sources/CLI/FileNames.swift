/// What a photo's files are called: `{method}_cam.jpg` for a single photo, `{photo}_{method}_cam.jpg` for one of
/// several, and `{method}_{class index}_cam.jpg` where several classes were asked for; `compare.jpg`, in the same way,
/// where all methods are on one, and `concepts.jpg`, which is of no class either. In a tar it is
/// `{photo}.{method}_cam.jpg`, so that WebDataset counts it to the photo's sample.
struct FileNames {
    enum Kind: String, CaseIterable {
        case cam, gb, cam_gb, compare, concepts, map, mask, conceptMaps

        /// Whether there is one for every method.
        var isOfMethod: Bool { [.cam, .gb, .cam_gb, .map, .mask].contains(self) }
    }
    /// Of pictures.
    enum Format: String, CaseIterable {
        case jpeg, png

        var fileExtension: String { self == .jpeg ? "jpg" : rawValue }
    }

    enum Place: Equatable { case folder(String), tar }

    let place: Place
    let namesClasses: Bool
    /// Of pictures that it can hold.
    var format = Format.jpeg

    /// - Parameters:
    ///   - format: of a picture; nil: as of all.
    ///   - method, category: nil where the file is of all or none of them.
    func path(of kind: Kind, as format: Format? = nil, photo: Photo, method: String?, category: String?) -> String {
        let what =
            switch kind {
            case .map: "cam.npy"
            case .mask: "mask.png"
            case .conceptMaps: "concepts.npy"
            case .cam, .gb, .cam_gb, .compare, .concepts: "\(kind.rawValue).\((format ?? self.format).fileExtension)"
            }
        let rest = [method, namesClasses ? category : nil, what].compactMap { $0 }.joined(separator: "_")
        return switch place {
        case .folder(let folder): Paths.joined(folder, photo.name.map { $0 + "_" + rest } ?? rest)
        case .tar: photo.nameInTar + "." + rest
        }
    }
}

extension Photo {
    /// What the names of its files begin with in a tar.
    var nameInTar: String { member?.name ?? name ?? Paths.withoutExtension(Paths.name(pipe?.name ?? path)) }
}
