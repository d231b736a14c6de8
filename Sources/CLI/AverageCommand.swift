import Imaging
import Platform

/// `gradcam --average FILE`: the averages of photos that are explained, by their reports.
struct AverageCommand {
    private let arguments: Arguments, console: Console

    init(_ arguments: Arguments, _ console: Console) { (self.arguments, self.console) = (arguments, console) }

    /// - Throws: `TableFault` where the reports cannot be read, or the table cannot be written.
    func run() throws -> ExitCode {
        let path = arguments.reports ?? "-"
        try arguments.checkSideFiles(apartFrom: [path])
        return try FolderAverages(reports: path).tell(console, arguments, isOfSeveral: true, marks: false)
            ? .done : .unfinished
    }
}

extension Arguments {
    /// - Throws: `OverwriteFault` where the table of averages or the page would be written over what is read, over what
    ///   standard output or input is, or over records; `TableFault` where it cannot be written.
    func checkSideFiles(apartFrom files: [String]) throws {
        for path in [table, galleryFile].compactMap({ $0 }) { try Self.check(path, apartFrom: files) }
    }

    private static func check(_ table: String, apartFrom files: [String]) throws {
        let isInUse = files.contains { System.isSame($0, table) } || (0...1).contains { System.isOpen(table, as: $0) }
        let name = Paths.name(table), isRecord = name == RunManifest.fileName || Journal.isJournal(name)
        if isInUse || isRecord { throw OverwriteFault(path: table) }
        do throws(SystemError) {
            try System.checkWritable(Paths.folder(table))
            if (try? FileStatus(of: table).kind) == .folder { throw SystemError(code: EISDIR) }
        } catch {
            throw TableFault(path: table, .system(error.code))
        }
    }
}

extension FolderAverages {
    /// Prints the table where there are several photos, on standard error where standard output has photos' objects,
    /// and writes it where that was asked for.
    ///
    /// - Parameter marks: whether photos were compared with what people marked.
    /// - Returns: whether it was written, or nobody asked for that.
    /// - Throws: `SystemError` where it cannot be printed.
    func tell(_ console: Console, _ arguments: Arguments, isOfSeveral: Bool, marks: Bool) throws -> Bool {
        if marks, !isEmpty, !knowsTruth { console.warning(Messages.nothingMarked) }
        if isMixed { console.warning(Messages.mixedReports) }
        if isOfSeveral, !isEmpty {
            if arguments.json, arguments.action == .average {
                try console.result(table.json.text)
            } else if arguments.json || arguments.outputTar == "-" {
                console.information(heading)
                for line in table.text.split(separator: "\n") { console.information(String(line)) }
            } else if !arguments.quiet {
                try console.result(heading + "\n" + table.text)
            }
        }
        guard let path = arguments.table, let format = AverageTable.format(of: path) else { return true }
        do throws(ImageError) {
            try AtomicFile.write(Array(table.text(format).utf8), to: path)
            return true
        } catch {
            console.error(Messages.text(of: error))
            return false
        }
    }
}
