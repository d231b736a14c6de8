import ActivationMaps

/// Averages of metrics by method, in the forms that they are printed and written in.
struct AverageTable {
    /// By the file's extension.
    enum Format: String, CaseIterable { case csv, md, json }

    /// nil where the extension is none of these.
    static func format(of path: String) -> Format? {
        Format.allCases.first { path.lowercased().hasSuffix("." + $0.rawValue) }
    }

    private let rows: [Averages.Row]
    /// Of all rows, in the order in which they came.
    private let controls: [String]

    private let metrics: [MetricInfo]
    /// What is to be known beside the numbers; mostly nothing.
    private let notes: [String]

    /// - Parameter metrics: what the rows are measured by, with its settings.
    init(_ rows: [Averages.Row], _ metrics: [MetricInfo], notes: [String] = []) {
        (self.rows, self.metrics, self.notes) = (rows, metrics, notes)
        var controls: [String] = []
        for difference in rows.flatMap(\.differences) where !controls.contains(difference.control) {
            controls.append(difference.control)
        }
        self.controls = controls
    }

    func text(_ format: Format) -> String {
        switch format {
        case .csv: csv
        case .md: markdown
        case .json: json.text + "\n"
        }
    }

    // MARK: For people

    private static let header = ["metric", "good", "method", "mean", "95 % interval", "photos", "beats the controls"]

    private var cells: [[String]] {
        rows.enumerated().map { place, row in
            let isFirst = place == 0 || rows[place - 1].measure != row.measure
            let mean = row.mean.count > 0 ? Report.number(row.mean.value) : "-"
            let interval = row.mean.interval.map { "\(Report.number($0.low)) to \(Report.number($0.high))" } ?? "-"
            return [
                isFirst ? row.measure.visible : "", isFirst ? row.better.word : "", row.method.visible, mean, interval,
                "\(row.mean.count)", Self.word(row),
            ]
        }
    }

    /// Under the table.
    private var lines: [String] { notes + Report.settings(metrics) }

    private static func word(_ row: Averages.Row) -> String {
        if row.isControl { return "control" }
        if !row.decides { return "-" }
        return switch row.beatsControls {
        case true?: "yes"
        case false?: "no, worse"
        case nil: "not shown"
        }
    }

    /// Columns side by side, for the terminal.
    var text: String {
        ([table([Self.header] + cells, right: [3, 5])] + lines).joined(separator: "\n")
    }

    private var markdown: String {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
        let marks = ["---", "---", "---", "--:", "---", "--:", "---"]
        let below = lines.map { "- " + $0 }
        return ([line(Self.header), line(marks)] + cells.map(line) + (below.isEmpty ? [] : [""]) + below)
            .joined(separator: "\n") + "\n"
    }

    // MARK: For machines

    /// A row a measure and method; numbers that are not known are empty.
    private var csv: String {
        let head = [
            "metric", "better", "method", "control", "photos", "mean", "low", "high", "interval", "decides",
            "beats_controls",
        ]
        let header = head + controls.flatMap { ["minus_\($0)", "minus_\($0)_low", "minus_\($0)_high"] }
        let lines = rows.map { row -> [String] in
            let known = row.mean.count > 0, interval = row.mean.interval
            let cells: [String] = [
                row.measure, row.better.rawValue, row.method, "\(row.isControl)", "\(row.mean.count)",
                known ? "\(row.mean.value)" : "",
            ]
            let range: [String] = interval.map { ["\($0.low)", "\($0.high)", $0.kind.rawValue] } ?? ["", "", ""]
            let beats: String = row.beatsControls.map { "\($0)" } ?? ""
            let differences: [String] = controls.flatMap { name -> [String] in
                guard let mean = row.differences.first(where: { $0.control == name })?.mean, mean.count > 0 else {
                    return ["", "", ""]
                }
                let interval = mean.studentInterval
                let ends: [String] = interval.map { ["\($0.low)", "\($0.high)"] } ?? ["", ""]
                return ["\(mean.value)"] + ends
            }
            return cells + range + ["\(row.decides)", beats] + differences
        }
        func cell(_ text: String) -> String {
            text.contains { ",\"\r\n".contains($0) } ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
        }
        return ([header] + lines).map { $0.map(cell).joined(separator: ",") + "\n" }.joined()
    }

    var json: JSON {
        func real(_ number: Double?) -> JSON { number.map { $0.isFinite ? .real($0) : .null } ?? .null }
        return .object([
            ("schema", .integer(1)), ("version", .string(Vocabulary.version)),
            ("metrics", .array(metrics.map(Report.json))), ("notes", .array(notes.map(JSON.string))),
            (
                "averages",
                .array(
                    rows.map { row in
                        let interval = row.mean.interval
                        return .object([
                            ("metric", .string(row.measure)), ("better", .string(row.better.rawValue)),
                            ("method", .string(row.method)), ("control", .boolean(row.isControl)),
                            ("photos", .integer(row.mean.count)),
                            ("mean", row.mean.count > 0 ? real(row.mean.value) : .null),
                            ("low", real(interval?.low)), ("high", real(interval?.high)),
                            ("interval", interval.map { .string($0.kind.rawValue) } ?? .null),
                            ("decides", .boolean(row.decides)),
                            ("beats_controls", row.beatsControls.map(JSON.boolean) ?? .null),
                            (
                                "differences",
                                .array(
                                    row.differences.map {
                                        .object([
                                            ("control", .string($0.control)),
                                            ("mean", $0.mean.count > 0 ? real($0.mean.value) : .null),
                                            ("low", real($0.mean.studentInterval?.low)),
                                            ("high", real($0.mean.studentInterval?.high)),
                                        ])
                                    })
                            ),
                        ])
                    })
            ),
        ])
    }
}
