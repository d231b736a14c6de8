import ActivationMaps
import Imaging

/// What metrics say of all photos of a run: those that it explains, and by their reports those that an earlier run
/// explained. Outcomes are told one after another.
final class FolderAverages {
    private var averages = Averages()
    /// What the maps are judged by; what differs from report to report is there once for each.
    private var metrics: [MetricInfo] = []
    /// By hash and layer: averages over several say little.
    private var networks: Set<String> = []
    private var failed = 0
    /// Photos that were passed over without a report.
    private var unknown = 0

    func add(_ report: Report) {
        note(report.metrics)
        var targets: [(name: String, entries: [Averages.Entry])] = []
        for judgement in report.judgements {
            if targets.last?.name != judgement.target { targets.append((judgement.target, [])) }
            targets[targets.count - 1].entries.append(judgement.entry)
        }
        averages.add(targets.map(\.entries))
    }

    /// - Parameter report: the object of a photo as `--json` prints it; nil where there is none.
    func add(json report: String?) {
        if let report = report.flatMap({ try? PythonLiteral($0) }) { add(report) } else { unknown += 1 }
    }

    private func add(_ report: PythonLiteral) {
        if report["error"] != nil { failed += 1 }
        if let network = report["model_sha256"]?.string, networks.count < 2 {
            networks.insert(network + " " + (report["layer"]?.string ?? ""))
        }
        note((report["metrics"]?.list ?? []).compactMap(MetricInfo.init))
        averages.add(Averages.Entry.read(report))
    }

    private func note(_ found: [MetricInfo]) {
        for metric in found where !metrics.contains(where: { $0.name == metric.name && $0.settings == metric.settings })
        {
            metrics.append(metric)
        }
    }

    func addFailure() { failed += 1 }

    /// Reads reports, a line each, as `--json` prints them; blank lines are passed over.
    ///
    /// - Throws: `TableFault`.
    init(reports path: String) throws(TableFault) {
        let bytes = try ByteStream(path)
        while case let number = bytes.line, let line = try bytes.nextLine(most: JournalIndex.mostBytes) {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) { continue }
            guard let report = try? PythonLiteral(String(decoding: line, as: UTF8.self)), report["input"]?.string != nil
            else { throw TableFault(path: path, .malformed(line: number, expected: "a report, as --json prints it")) }
            add(report)
        }
        if averages.count + failed == 0 { throw TableFault(path: path, .noRows) }
    }

    init() {}

    var table: AverageTable { AverageTable(averages.rows, metrics) }
    /// Whether reports are of more than one network or layer.
    var isMixed: Bool { networks.count > 1 }
    var isEmpty: Bool { averages.count == 0 }
    /// Whether anything was compared with what people marked.
    var knowsTruth: Bool { averages.rows.contains { $0.measure == GroundTruth.metrics[0].name && $0.mean.count > 0 } }
    /// What they cover.
    var heading: String { Messages.averages(of: averages.count, without: unknown, failed: failed) }
}
