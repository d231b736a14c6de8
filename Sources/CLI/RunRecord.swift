import Synchronization

/// What a run of several photos writes down in the output folder, and what it knows of earlier runs there.
final class RunRecord: Sendable {
    private let settings: String
    /// nil where nothing is written.
    private let journal: Mutex<Journal>?
    /// nil where the run does not resume.
    private let earlier: JournalIndex?
    private let modelChanged: Int
    private let workingFolder = System.workingFolder

    /// - Parameters:
    ///   - manifest: what decides the files.
    ///   - model: the network's path.
    ///   - arguments: whether to resume, where, which share; a dry run reads alone.
    init(_ manifest: RunManifest, model: String, _ arguments: Arguments) throws {
        let folder = arguments.outputDirectory
        settings = manifest.id
        modelChanged = (try? FileStatus(of: model).modified) ?? .max
        earlier = arguments.resumes ? try JournalIndex(folder: folder, share: arguments.share) : nil
        guard !arguments.isDryRun else {
            journal = nil
            return
        }
        try manifest.write(into: folder)
        journal = Mutex(try Journal(folder: folder, share: arguments.share))
    }

    /// What is recorded of a photo that needs not be explained again: its files are complete, newer than photo and
    /// network, and made with the same settings.
    func finished(_ photo: Photo) -> JournalRecord? {
        guard let earlier, let input = input(of: photo) else { return nil }
        return earlier.complete(photo.name ?? "", input: input, settings: settings, network: modelChanged)
    }

    /// Writes down that a photo is done. To be called from any thread.
    ///
    /// - Throws: `RecordFault`.
    func add(_ photo: Photo, _ report: Report) throws {
        guard let journal, let input = input(of: photo) else { return }
        try journal.withLock { journal in
            try journal.append(
                photo: photo.name ?? "", input: input, settings: settings, files: report.files,
                report: report.json.text)
        }
    }

    /// What a photo is read from; nil where that tells no date. A tar's members are as old as the tar.
    private func input(of photo: Photo) -> JournalRecord.File? {
        guard let file = photo.file, let status = try? FileStatus(of: file) else { return nil }
        return .init(
            path: Paths.absolute(photo.path, from: workingFolder), size: status.size, modified: status.modified)
    }
}

extension Photo {
    /// The file that it is read from, a tar or its own; nil where that is standard input.
    var file: String? { member == nil ? path : member?.tar }

    /// When that was last changed, in nanoseconds since 1970; `.max` where it cannot be told.
    var changed: Int { file.flatMap { try? FileStatus(of: $0).modified } ?? .max }
}
