import Synchronization

/// What a run of several photos writes down in the output folder, and what it knows of earlier runs there. Nothing is
/// written before the first photo is done.
final class RunRecord: Sendable {
    private let manifest: RunManifest
    private let folder: String
    private let share: Share
    /// nil until something is written.
    private let journal = Mutex<Journal?>(nil)
    /// nil where the run does not resume.
    private let earlier: JournalIndex?
    private let model: String, modelChanged: Int
    /// Whether a photo that cannot be recorded fails.
    private let isNeeded: Bool
    private let lost = Mutex<(any Error)?>(nil)
    private let workingFolder = System.workingFolder

    /// - Parameters:
    ///   - manifest: what decides the files.
    ///   - model: the network's path.
    ///   - arguments: whether to resume, where, which share.
    /// - Throws: `RecordFault` where records cannot be read, or files of others lie under their names.
    init(_ manifest: RunManifest, model: String, _ arguments: Arguments) throws(RecordFault) {
        (self.manifest, folder, share) = (manifest, arguments.outputDirectory, arguments.share)
        (self.model, modelChanged, isNeeded) = (model, Self.changed(model), arguments.needsFolder)
        try RunManifest.found(in: folder)
        try Journal.check(folder: folder, share: share)
        earlier = arguments.resumes ? try JournalIndex(folder: folder, share: share) : nil
    }

    /// In microseconds since 1970; `.max` where that cannot be told.
    private static func changed(_ path: String) -> Int { (try? FileStatus(of: path).modified / 1000) ?? .max }

    /// What a photo is read from, to be asked before it is read; nil where that tells no date. A tar's members are as
    /// old as the tar.
    func input(of photo: Photo) -> JournalRecord.File? {
        guard let file = photo.file, let status = try? FileStatus(of: file) else { return nil }
        return .init(Paths.absolute(photo.path, from: workingFolder), status)
    }

    /// What is recorded of a photo that needs not be explained again: it and its files are as they were, newer than the
    /// network, and made with the same settings.
    func finished(_ photo: Photo, from input: JournalRecord.File?) -> JournalRecord? {
        guard let earlier, let input else { return nil }
        return earlier.complete(photo.name ?? "", input: input, settings: manifest.id, network: modelChanged)
    }

    /// Why nothing more is recorded of a run that goes on without.
    var fault: (any Error)? { lost.withLock { $0 } }

    /// Writes down that a photo is done. To be called from any thread.
    ///
    /// - Throws: `RecordFault`, `ImageError`, where the run cannot do without records.
    func add(_ photo: Photo, from input: JournalRecord.File?, _ report: Report) throws {
        // A network that was written over may have been so before.
        guard let input, Self.changed(model) == modelChanged, fault == nil else { return }
        do {
            try write(photo, from: input, report)
        } catch  where !isNeeded {
            lost.withLock { $0 = error }
        }
    }

    private func write(_ photo: Photo, from input: JournalRecord.File, _ report: Report) throws {
        try journal.withLock { journal in
            if journal?.isInPlace != true {
                try manifest.write(into: folder)
                journal = try Journal(folder: folder, share: share)
            }
            try journal?.append(
                photo: photo.name ?? "", input: input, settings: manifest.id, files: report.files,
                report: report.json.text)
        }
    }
}

extension Photo {
    /// The file that it is read from, a tar or its own; nil where that is a pipe.
    var file: String? { member == nil && pipe == nil ? path : member?.tar }

    /// When that was last changed, in nanoseconds since 1970; `.max` where it cannot be told.
    var changed: Int { file.flatMap { try? FileStatus(of: $0).modified } ?? .max }
}
