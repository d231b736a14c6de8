import Imaging
import Platform

/// `gradcam --average FILE`: the averages of photos that are explained, by their reports.
struct AverageCommand {
    private let arguments: Arguments, console: Console

    init(_ arguments: Arguments, _ console: Console) { (self.arguments, self.console) = (arguments, console) }

    /// - Throws: `TableFault` where the reports cannot be read, or the table cannot be written.
    func run() throws -> ExitCode {
        let path = arguments.reports ?? "-"
        try arguments.checkResults(apartFrom: InputFiles(arguments.inputPaths))
        try arguments.checkNamedResults()
        return try FolderAverages(reports: path).tell(console, arguments, isOfSeveral: true) ? .done : .unfinished
    }
}

extension Arguments {
    /// - Throws: `TableFault` where the table of averages or the page cannot be written.
    func checkNamedResults() throws(TableFault) {
        for path in [table, galleryFile].compactMap({ $0 }) { try Self.checkWritable(path) }
    }

    private static func checkWritable(_ path: String) throws(TableFault) {
        do throws(SystemError) {
            try System.checkWritable(Paths.folder(path))
            if (try? FileStatus(of: path).kind) == .folder { throw SystemError(code: EISDIR) }
        } catch {
            throw TableFault(path: path, .system(error.code))
        }
    }
}

extension FolderAverages {
    /// Prints the table where there are several photos, on standard error where standard output has photos' objects,
    /// and writes it where that was asked for.
    ///
    /// - Returns: whether it was written, or nobody asked for that.
    /// - Throws: `SystemError` where it cannot be printed.
    func tell(_ console: Console, _ arguments: Arguments, isOfSeveral: Bool) throws -> Bool {
        if isOfSeveral, !isEmpty, let marks { console.information(marks) }
        if comparesNothing { console.warning(Messages.nothingMarked) }
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
