import ActivationMaps

/// A line of a journal: a photo that is done, and the files that were made of it.
///
///     {"time":1764270000123,"photo":"pets/cat","input":{"path":"/photos/pets/cat.jpg",
///     "size":98231,"modified":1764260000123456},"settings":"0123456789abcdef",
///     "report":{...},"files":[{"path":"pets/cat_gradcam_cam.jpg","size":48211,"modified":1764270000120000}]}
struct JournalRecord: Equatable, Sendable {
    struct File: Equatable, Sendable {
        /// Of what was made: below the output folder.
        let path: String
        /// In bytes.
        let size: Int
        /// When it was last changed, in microseconds since 1970, by the clock of whoever stores it.
        let modified: Int

        /// - Parameter status: of the file.
        init(_ path: String, _ status: FileStatus) {
            self.init(path: path, size: status.size, modified: status.modified / 1000)
        }

        init(path: String, size: Int, modified: Int) {
            (self.path, self.size, self.modified) = (path, size, modified)
        }

        /// Whether it is the same file, unchanged. Some copies keep whole seconds alone.
        func isSame(as other: File) -> Bool {
            guard path == other.path, size == other.size else { return false }
            let second = 1_000_000, isWhole = modified % second == 0 || other.modified % second == 0
            return modified == other.modified || isWhole && modified / second == other.modified / second
        }
    }

    /// When it was done, in milliseconds since 1970: of several journals the latest record of a photo holds.
    var time: Int
    /// What the names of its files begin with.
    let photo: String
    /// What it was read from, by its absolute path.
    let input: File
    /// `RunManifest.id` of the run.
    let settings: String
    let files: [File]
    /// The photo's object as `--json` prints it, to the byte.
    let report: String

    /// With its line feed.
    var line: String {
        let head = JSON.object([
            ("time", .integer(time)), ("photo", .string(photo)), ("input", input.json),
            ("settings", .string(settings)),
        ])
        let list = JSON.array(files.map(\.json))
        return head.text.dropLast() + Self.beforeReport + report + Self.beforeFiles + list.text.dropFirst() + "}\n"
    }

    /// The report with the paths that the files have in a folder, which may have been moved.
    func report(in folder: String) -> String {
        let told = (try? PythonLiteral(report))?["files"]?.list?.compactMap(\.string) ?? []
        guard told.count == files.count else { return report }
        return zip(told, files).reduce(report) { text, pair in
            let path = Paths.joined(folder, pair.1.path)
            return pair.0 == path ? text : text.replacing(JSON.string(pair.0).text, with: JSON.string(path).text)
        }
    }

    // Between quotes that are not escaped they stand nowhere in a text or in a member's name.
    private static let beforeReport = ",\"report\":", beforeFiles = ",\"files\":["
}

extension JournalRecord.File {
    fileprivate var json: JSON {
        .object([("path", .string(path)), ("size", .integer(size)), ("modified", .integer(modified))])
    }

    fileprivate init?(_ literal: PythonLiteral) {
        guard let path = literal["path"]?.string, let size = literal["size"]?.integer,
            let modified = literal["modified"]?.integer
        else { return nil }
        self.init(path: path, size: size, modified: modified)
    }
}

extension JournalRecord {
    /// Reads a line; nil where it is none of these.
    init?(line: some Sequence<UInt8>) {
        guard let text = String(validating: Array(line), as: UTF8.self), let report = Self.report(in: text),
            let literal = try? PythonLiteral(text),
            let time = literal["time"]?.integer, let photo = literal["photo"]?.string,
            let input = literal["input"].flatMap(File.init), let settings = literal["settings"]?.string,
            let list = literal["files"]?.list
        else { return nil }
        let files = list.compactMap(File.init)
        guard files.count == list.count else { return nil }
        self.init(time: time, photo: photo, input: input, settings: settings, files: files, report: report)
    }

    /// From the first mark to the last: a report has a list of files of its own.
    private static func report(in line: String) -> String? {
        let bytes = Array(line.utf8), (first, last) = (Array(beforeReport.utf8), Array(beforeFiles.utf8))
        guard let start = bytes.indices.first(where: { bytes[$0...].starts(with: first) }),
            let end = bytes.indices.last(where: { bytes[$0...].starts(with: last) }), start + first.count <= end
        else { return nil }
        let report = String(decoding: bytes[start + first.count..<end], as: UTF8.self)
        return report.hasPrefix(JSON.object(Report.beginning.dropLast()).text.dropLast()) ? report : nil
    }

    /// What an index needs of a line without its line feed, without reading all of it: the time, and the photo's name
    /// as it stands between its quotes; nil where it is no whole line of these.
    static func head(of line: UnsafeRawBufferPointer) -> (time: Int, name: UnsafeRawBufferPointer)? {
        guard let time = time(of: line), line.suffix(end.count).elementsEqual(end),
            let comma = line.firstIndex(of: UInt8(ascii: ",")), line[comma...].starts(with: middle)
        else { return nil }
        let start = comma + middle.count
        var place = start
        while place < line.count, line[place] != UInt8(ascii: "\"") {
            place += line[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard place < line.count else { return nil }
        return (time, UnsafeRawBufferPointer(rebasing: line[start..<place]))
    }

    /// The time that a line begins with.
    static func time(of line: some Collection<UInt8>) -> Int? {
        guard line.starts(with: beginning) else { return nil }
        let digits = line.dropFirst(beginning.count).prefix(18).prefix { 0x30...0x39 ~= $0 }
        return digits.isEmpty ? nil : digits.reduce(0) { 10 * $0 + Int($1 - 0x30) }
    }

    /// The photo's name as it stands between its quotes.
    static func name(of photo: String) -> [UInt8] { Array(JSON.string(photo).text.utf8.dropFirst().dropLast()) }

    /// What every line begins with.
    static let beginning = Array("{\"time\":".utf8)
    private static let middle = Array(",\"photo\":\"".utf8), end = Array("]}".utf8)
}
