import Network
import Platform

/// Why `--model` finds nothing, without words.
enum ModelFault: Error, Equatable {
    case noSuchFile(String)
    case notAFile(String)
    case unknownName(String, nearest: String?, folders: [String])
    case noneInstalled(folders: [String])
    case emptyFolder(String)
    case severalInFolder(String, files: [String])
}

/// Models by name: `NAME.onnx` in `$GRADCAM_MODELS` (folders between colons), in `Models` of the working folder, beside
/// the program, under `share/gradcam` of its prefix, or in the repository that it was built in; the first one that is
/// found.
struct ModelFinder {
    struct Entry: Equatable {
        let name, path: String
        let size: Int
    }

    static let preferred = ["resnet50", "efficientnet_lite0", "catdog"]
    /// What `make models` fetches.
    static let fetched = ["efficientnet_lite0", "resnet50", "vgg16"]

    let folders: [String]

    init(
        folders: [String] = ModelFinder.standardFolders(
            environment: System.environment("GRADCAM_MODELS"), executable: programPath())
    ) {
        self.folders = folders
    }

    static func standardFolders(environment: String?, executable: String?) -> [String] {
        var folders = environment?.split(separator: ":").map(String.init) ?? []
        folders.append("Models")
        if let executable {
            let home = Paths.folder(executable), prefix = Paths.folder(home)
            folders += [home + "/Models", prefix + "/share/gradcam/Models"]
            let parts = executable.split(separator: "/", omittingEmptySubsequences: false)
            if let build = parts.lastIndex(of: ".build") {
                folders.append((parts[..<build] + ["Models"]).joined(separator: "/"))
            }
        }
        return folders
    }

    /// Every model that is found, by name; of two with one name, the first.
    func installed() -> [Entry] {
        var entries: [Entry] = []
        for folder in folders {
            for name in ((try? System.names(in: folder)) ?? []).map({ String(decoding: $0, as: UTF8.self) })
            where name.hasSuffix(".onnx") {
                let path = Paths.joined(folder, name), stem = Paths.withoutExtension(name)
                guard let status = try? FileStatus(of: path), status.kind == .file,
                    !entries.contains(where: { $0.name == stem })
                else { continue }
                entries.append(Entry(name: stem, path: path, size: status.size))
            }
        }
        return entries.sorted { $0.name < $1.name }
    }

    /// The network of a folder as exporters write it: `model.onnx`, in the folder or in `onnx` below it, else the only
    /// file of its kind there.
    private static func network(in folder: String) throws(ModelFault) -> Entry {
        for place in [folder, Paths.joined(folder, "onnx")] {
            let names = ((try? System.names(in: place)) ?? []).map { String(decoding: $0, as: UTF8.self) }.filter {
                $0.hasSuffix(".onnx")
            }.sorted()
            guard let name = names.first(where: { $0 == "model.onnx" }) ?? names.first else { continue }
            guard name == "model.onnx" || names.count == 1 else { throw .severalInFolder(place, files: names) }
            let path = Paths.joined(place, name)
            return Entry(name: Paths.name(folder), path: path, size: (try? FileStatus(of: path).size) ?? 0)
        }
        throw .emptyFolder(folder)
    }

    /// The file for `--model`'s value, or for none.
    func find(_ wanted: String?) throws(ModelFault) -> Entry {
        let installed = installed()
        guard let wanted else {
            let preferred = Self.preferred.lazy.compactMap { name in installed.first { $0.name == name } }.first
            guard let entry = preferred ?? installed.first else { throw .noneInstalled(folders: folders) }
            return entry
        }
        let status = try? FileStatus(of: wanted)
        if let status, status.kind == .file {
            return Entry(name: Paths.withoutExtension(Paths.name(wanted)), path: wanted, size: status.size)
        }
        if let entry = installed.first(where: { $0.name == wanted }) { return entry }
        switch status?.kind {
        case .folder: return try Self.network(in: wanted)
        case .pipe, .other: throw .notAFile(wanted)
        default: break
        }
        if wanted.contains("/") || wanted.hasSuffix(".onnx") { throw .noSuchFile(wanted) }
        throw .unknownName(wanted, nearest: nearest(to: wanted, in: installed.map(\.name)), folders: folders)
    }
}
