/// The files that the command line names to be read: whatever a run writes, it spares these. Of photos `OutputFiles`
/// knows more: the program's own pictures among them are passed over, and written anew.
struct InputFiles: Sendable {
    private let identities: Set<FileStatus.Identity>

    /// - Parameter paths: folders and what is not there count for nothing.
    init(_ paths: [String]) {
        let found = paths.filter { $0 != "-" }.compactMap { try? FileStatus(of: $0) }
        identities = Set(found.filter { $0.kind == .file }.map(\.identity))
    }

    /// Whether a path is that of one of them, by whatever name.
    func hold(_ path: String) -> Bool {
        (try? FileStatus(of: path)).map { identities.contains($0.identity) } ?? false
    }
}

extension Arguments {
    /// What flags name to be read, besides photos and the network.
    var inputPaths: [String] {
        let fed = inputs.map { if case .file(let path) = $0.source { path } else { nil as String? } }
        return ([boxes, classTable, labels, reports, similarTo, targetMask] + fed).compactMap { $0 }
    }

    /// The files that a run writes by the names that it was given.
    private var namedResults: [String] { [table, galleryFile, outputTar == "-" ? nil : outputTar].compactMap { $0 } }

    /// - Throws: `OverwriteFault` where a file that a run writes by the name that it was given is read, is that of
    ///   standard input or output or of a record, is a tar's and holds something else, or is named twice.
    func checkResults(apartFrom inputs: InputFiles) throws(OverwriteFault) {
        let place = System.workingFolder, photos = InputFiles(imagePaths)
        var taken: Set<String> = []
        for path in namedResults {
            let name = Paths.name(path), isRecord = name == RunManifest.fileName || Journal.isJournal(name)
            // What stands for a stream would be replaced itself.
            if isRecord || inputs.hold(path) || photos.hold(path)
                || (0...1).contains(where: { System.isOpen(path, as: $0) })
            {
                throw OverwriteFault(path: path)
            }
            guard taken.insert(Paths.absolute(path, from: place)).inserted else {
                throw .init(path: path, isTwice: true)
            }
        }
        guard let path = outputTar, path != "-", let status = try? FileStatus(of: path) else { return }
        if status.kind == .file, status.size > 0, !TarPhotos.isTar(path) { throw OverwriteFault(path: path) }
    }
}

/// A file to be written is one that is read, or may be one.
struct OverwriteFault: Error, Equatable {
    let path: String
    /// Whether it would be written by two flags.
    var isTwice = false
}
