import Imaging

/// `gradcam --average FILE`: the averages of photos that are explained, by their reports.
struct AverageCommand {
    private let arguments: Arguments, console: Console

    init(_ arguments: Arguments, _ console: Console) { (self.arguments, self.console) = (arguments, console) }

    /// - Throws: `TableFault` where the reports cannot be read, `ImageError` where the table cannot be written.
    func run() throws {
        let path = arguments.reports ?? "-"
        if let table = arguments.table, System.isSame(path, table) { throw OverwriteFault(path: table) }
        try FolderAverages(reports: path).tell(console, arguments, isOfSeveral: true, marks: false)
    }
}

extension FolderAverages {
    /// Prints the table where there are several photos, on standard error where standard output has photos' objects,
    /// and writes it where that was asked for.
    ///
    /// - Parameter marks: whether photos were compared with what people marked.
    func tell(_ console: Console, _ arguments: Arguments, isOfSeveral: Bool, marks: Bool) throws {
        if marks, !isEmpty, !knowsTruth { console.warning(Messages.nothingMarked) }
        if let path = arguments.table, let format = AverageTable.format(of: path) {
            try AtomicFile.write(Array(table.text(format).utf8), to: path)
        }
        guard isOfSeveral, !isEmpty else { return }
        if arguments.json, arguments.action == .average { return try console.result(table.json.text) }
        if arguments.json || arguments.outputTar == "-" {
            console.information(heading)
            for line in table.text.split(separator: "\n") { console.information(String(line)) }
        } else if !arguments.quiet {
            try console.result(heading + "\n" + table.text)
        }
    }
}
