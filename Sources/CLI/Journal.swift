import Platform

/// What a run writes down of its photos, a line each, as soon as their files are there: JSON Lines in the output
/// folder, `manifest.jsonl`, or `manifest-I-of-N.jsonl` where the run is one of several. A run that is killed leaves at
/// most one line that is not whole, which readers pass over.
final class Journal {
    /// Of `JournalRecord.line`; the journals of a folder are put together by `cat`.
    static func fileName(_ share: Share) -> String {
        share.count == 1 ? "manifest.jsonl" : "manifest-\(share.index)-of-\(share.count).jsonl"
    }

    static func isJournal(_ name: String) -> Bool {
        name == "manifest.jsonl" || name.hasPrefix("manifest-") && name.hasSuffix(".jsonl")
    }

    /// Whether it is the journal of another share of as many.
    static func isOfOthers(_ name: String, than share: Share) -> Bool {
        share.count > 1 && name.hasSuffix("-of-\(share.count).jsonl") && name != fileName(share)
    }

    private let folder: String
    private let file: RecordFile
    /// Whether the last line is not whole, so that a record has to begin a line of its own.
    private var isTorn: Bool

    /// Opens the journal of a share of a run, which is made where it is not there.
    ///
    /// - Throws: `RecordFault` where it cannot be written, or where something else lies under its name.
    init(folder: String, share: Share) throws(RecordFault) {
        self.folder = folder
        file = try RecordFile(Paths.joined(folder, Self.fileName(share)), O_RDWR | O_CREAT | O_APPEND)
        let count = try Self.check(file), last = try file.bytes(at: max(0, count - 1), count: 1)
        isTorn = !last.isEmpty && last != [UInt8(ascii: "\n")]
    }

    /// Whether the journal of a share can be written: it is not there, or is one.
    ///
    /// - Throws: `RecordFault` where it cannot.
    static func check(folder: String, share: Share) throws(RecordFault) {
        do throws(RecordFault) {
            _ = try check(RecordFile(Paths.joined(folder, fileName(share)), O_RDWR))
        } catch {
            if error.kind != .system(ENOENT) { throw error }
        }
    }

    /// Bytes of a journal; a beginning of its first line alone, as a killed run may leave it, is taken away.
    private static func check(_ file: RecordFile) throws(RecordFault) -> Int {
        let count = try file.count
        let beginning = try file.bytes(at: 0, count: min(count, JournalRecord.beginning.count))
        guard JournalRecord.beginning.starts(with: beginning) else {
            throw RecordFault(path: file.path, kind: .foreign)
        }
        guard 0 < count, count < JournalRecord.beginning.count else { return count }
        try file.empty()
        return 0
    }

    /// Whether it is still the file of its name: somebody may have moved the folder.
    var isInPlace: Bool { file.isInPlace }

    /// Writes a line at the end of the journal, whole, whoever else writes there.
    func append(_ record: JournalRecord) throws(RecordFault) {
        let line = Array(((isTorn ? "\n" : "") + record.line).utf8)
        isTorn = true
        try file.write(line)
        isTorn = false
    }

    /// Writes down that a photo is done.
    ///
    /// - Parameters:
    ///   - photo: what the names of its files begin with; `input`: where it was read; `settings`: the manifest's `id`.
    ///   - files: their paths, all in the output folder.
    ///   - report: the photo's object as `--json` prints it.
    func append(
        photo: String, input: JournalRecord.File, settings: String, files: [String], report: String
    ) throws(RecordFault) {
        var entries: [JournalRecord.File] = []
        for path in files {
            do throws(SystemError) {
                entries.append(.init(below(path), try FileStatus(of: path)))
            } catch {
                throw RecordFault(path: path, kind: .system(error.code))
            }
        }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let time = Int(now.tv_sec) * 1000 + Int(now.tv_nsec) / 1_000_000
        try append(.init(time: time, photo: photo, input: input, settings: settings, files: entries, report: report))
    }

    /// The opposite of `Paths.joined`.
    private func below(_ path: String) -> String {
        Paths.isBelow(path, folder)
            ? String(path.utf8.dropFirst(Paths.joined(folder, "x").utf8.count - 1))! : path
    }
}
