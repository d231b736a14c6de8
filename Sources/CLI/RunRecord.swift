import Synchronization

/// What a run of several photos writes down in the output folder, and what it knows of earlier runs there.
final class RunRecord: Sendable {
    private let settings: String
    /// nil where nothing is written.
    private let journal: Mutex<Journal>?
    /// nil where the run does not resume.
    private let earlier: JournalIndex?
    private let modelChanged: Int

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
        earlier?.complete(
            photo.name ?? "", input: photo.path, settings: settings, newerThan: [photo.changed, modelChanged])
    }

    /// Writes down that a photo is done. To be called from any thread.
    ///
    /// - Throws: `RecordFault`.
    func add(_ photo: Photo, _ report: Report) throws {
        try journal?.withLock { journal in
            try journal.append(
                photo: photo.name ?? "", input: photo.path, settings: settings, files: report.files,
                report: report.json.text)
        }
    }
}

extension Photo {
    /// When its file was last changed, in nanoseconds since 1970; `.max` where that cannot be told.
    var changed: Int {
        guard let file = member == nil ? path : member?.tar else { return .max }
        return (try? FileStatus(of: file).modified) ?? .max
    }
}
