import ActivationMaps
import Imaging

/// Which files a photo gets, which of them are left as they are, and which of the user's own are spared.
struct OutputFiles: Sendable {
    private let arguments: Arguments
    /// What files of the explained targets are called by; nil where each photo has its own.
    private let keys: [String]?
    /// What a table tells of photos; nil where none is given.
    private let table: PhotoClasses?
    private let hasConcepts: Bool
    private let modelChanged: Int
    private let workingFolder = System.workingFolder
    /// Absolute paths of folders that photos are read from, as far as they are known, with those under them
    /// (`trees`) or by themselves.
    private let folders: Set<String>, trees: [String], isListed: Bool
    private let inputs: InputFiles
    /// Absolute path of the folder of masks that maps are compared with.
    private let masks: String?

    /// - Parameters:
    ///   - inputs: what is spared in any case.
    ///   - model: the network's path.
    init(
        _ arguments: Arguments, _ request: Explainer.Request, _ table: PhotoClasses? = nil, sparing inputs: InputFiles,
        model: String
    ) {
        (self.arguments, self.inputs) = (arguments, inputs)
        self.table = table
        keys = request.targets.keys
        hasConcepts = request.concepts != nil
        modelChanged = (try? FileStatus(of: model).modified) ?? 0
        let given = arguments.imagePaths, place = workingFolder
        isListed = given.contains("-")
        let isFolder = { (path: String) in (try? FileStatus(of: path).kind) == .folder }
        func absolute(_ path: String) -> String { Paths.absolute(path, from: place) }
        folders = Set(given.filter { $0 != "-" && !isFolder($0) }.map { absolute(Paths.folder($0)) })
        // Results that have a folder of their own inside of one are not read as photos.
        let results = absolute(arguments.outputDirectory)
        trees = given.filter(isFolder).map(absolute).filter { $0 == results || Paths.isBelow($0, results) }
        masks = arguments.masks.map(absolute)
    }

    /// The paths of a photo's files; `{class}` stands for classes that only explaining it tells.
    func names(of photo: Photo) -> [String] {
        let names = arguments.fileNames
        let categories: [String?] = arguments.namesClasses ? keys(of: photo) ?? ["{class}"] : [nil]
        var paths: [String] = []
        for category in categories {
            for method in arguments.methods {
                for kind in arguments.kinds where kind.isOfMethod {
                    paths.append(names.path(of: kind, photo: photo, method: method, category: category))
                }
            }
            if arguments.kinds.contains(.compare) {
                paths.append(names.path(of: .compare, photo: photo, method: nil, category: category))
            }
        }
        if hasConcepts {
            let picture: [FileNames.Kind] = arguments.outputs.contains(.concepts) ? [.concepts] : []
            for kind in picture + (arguments.saveMap == nil ? [] : [.conceptMaps]) {
                paths.append(names.path(of: kind, photo: photo, method: nil, category: nil))
            }
        }
        return paths
    }

    private func keys(of photo: Photo) -> [String]? { table?.classes(of: photo).map(String.init) ?? keys }

    /// Whether nothing is to be done for a photo: all of its files are there, and are left as they are.
    func areThere(of photo: Photo) -> Bool {
        guard arguments.overwriting != .always, !arguments.namesClasses || keys(of: photo) != nil else { return false }
        let names = names(of: photo)
        return !names.isEmpty && names.allSatisfy { isKept($0, of: photo) }
    }

    /// Whether a file is there and is not written anew.
    func isKept(_ path: String, of photo: Photo) -> Bool {
        guard arguments.overwriting != .always, let file = try? FileStatus(of: path), file.kind == .file else {
            return false
        }
        if arguments.overwriting == .never { return true }
        return file.modified >= max(photo.changed, modelChanged)
    }

    /// Whether a file that would be written is read, or may be: one that the command line names, that of standard input,
    /// the photo itself, or a picture beside photos or among masks that are read which the program did not write.
    func spares(_ path: String, for photo: Photo) -> Bool {
        if inputs.hold(path) || System.isOpen(path, as: 0) { return true }
        let absolute = Paths.absolute(path, from: workingFolder)
        if photo.member == nil, absolute == Paths.absolute(photo.path, from: workingFolder) { return true }
        let isAmongPhotos =
            photo.name != nil
            && (isListed || folders.contains(Paths.folder(absolute)) || trees.contains { Paths.isBelow(absolute, $0) })
        let isAmongMasks = masks.map { Paths.isBelow(absolute, $0) } ?? false
        return (isAmongPhotos || isAmongMasks) && Image.isPhoto(contentsOf: path) && !PictureMark.isOn(path)
    }
}
