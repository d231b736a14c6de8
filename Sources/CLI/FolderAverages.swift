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
    /// Reports of photos that were reported before.
    private var repeated = 0
    /// What people marked; nil where nothing is given.
    private let marked: MarkedPhotos?
    /// Photos in which something is marked, and those of them where it is of what was explained.
    private var withMarks = 0, compared = 0

    /// - Parameter marked: what maps are compared with, besides the controls'.
    init(marked: MarkedPhotos? = nil) { self.marked = marked }

    /// - Parameter path: the photo's, see `Photo.path`.
    func add(_ report: Report, of path: String) {
        note(report.metrics)
        var targets: [(name: String, entries: [Averages.Entry])] = []
        for judgement in report.judgements {
            if targets.last?.name != judgement.target { targets.append((judgement.target, [])) }
            targets[targets.count - 1].entries.append(judgement.entry)
        }
        add(targets.map(\.entries), of: path)
    }

    /// - Parameter report: the object of a photo as `--json` prints it; nil where there is none.
    func add(json report: String?, of path: String) {
        guard let report = report.flatMap({ try? PythonLiteral($0) }) else { return unknown += 1 }
        add(report, Averages.Entry.read(report), of: path)
    }

    private func add(_ report: PythonLiteral, _ targets: [[Averages.Entry]], of path: String) {
        if let network = report["model_sha256"]?.string, networks.count < 2 {
            networks.insert(network + " " + (report["layer"]?.string ?? ""))
        }
        note((report["metrics"]?.list ?? []).compactMap(MetricInfo.init))
        add(targets, of: path)
    }

    private func add(_ targets: [[Averages.Entry]], of path: String) {
        averages.add(targets)
        guard let marked, marked.has(path) else { return }
        withMarks += 1
        if targets.joined().contains(where: \.knowsTruth) { compared += 1 }
    }

    private func note(_ found: [MetricInfo]) {
        for metric in found where !metrics.contains(where: { $0.name == metric.name && $0.settings == metric.settings })
        {
            metrics.append(metric)
        }
    }

    func addFailure() { failed += 1 }

    /// Reads reports, a line each, as `--json` prints them; blank lines are passed over. A photo that is told twice
    /// counts once, and one that failed and was explained by another run did not fail. It takes some 40 bytes of memory
    /// a photo.
    ///
    /// - Throws: `TableFault`, also where a photo is told twice with different numbers.
    init(reports path: String) throws(TableFault) {
        marked = nil
        let bytes = try ByteStream(path)
        /// By a hash of the photo's path one of its numbers; nil where it failed.
        var known: [Int: Int?] = [:]
        while case let number = bytes.line, let line = try bytes.nextLine(most: JournalIndex.mostBytes) {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) { continue }
            guard let report = try? PythonLiteral(String(decoding: line, as: UTF8.self)),
                let photo = report["input"]?.string
            else { throw TableFault(path: path, .malformed(line: number, expected: "a report, as --json prints it")) }
            let targets = Averages.Entry.read(report), numbers = report["error"] == nil ? targets.hash : nil
            let key = photo.hashValue
            switch (known[key], numbers) {
            case (let before??, let numbers?) where before != numbers:
                throw TableFault(path: path, .otherReport(line: number, photo: photo))
            case (.some(.some), _), (.some(nil), nil): repeated += 1
            case (nil, nil), (nil, .some), (.some(nil), .some):
                known[key] = .some(numbers)
                if numbers != nil { add(report, targets, of: photo) }
            }
        }
        failed = known.values.count { $0 == nil }
        if averages.count + failed == 0 { throw TableFault(path: path, .noRows) }
    }

    var table: AverageTable {
        let rows = averages.rows
        return AverageTable(
            rows, metrics,
            notes: (comparesNothing ? [Messages.nothingMarked] : []) + (rows.isEmpty ? [Messages.nothingMeasured] : []))
    }
    /// Whether nothing that was explained is marked.
    var comparesNothing: Bool { marked != nil && !isEmpty && compared == 0 }
    /// Whether reports are of more than one network or layer.
    var isMixed: Bool { networks.count > 1 }
    var isEmpty: Bool { averages.count == 0 }
    /// What they cover.
    var heading: String {
        Messages.averages(of: averages.count, without: unknown, failed: failed, repeated: repeated)
    }
    /// In how many photos something was marked; nil where nothing is given.
    var marks: String? {
        marked.map {
            Messages.marked(withMarks, compared: compared, of: averages.count, areMasks: $0.areMasks)
        }
    }
}

extension Averages.Entry {
    /// Whether the map was compared with what people marked.
    fileprivate var knowsTruth: Bool { measures.contains { $0.name == GroundTruth.metrics[0].name } }
}

extension [[Averages.Entry]] {
    /// Of what metrics say of a photo.
    fileprivate var hash: Int {
        var hasher = Hasher()
        for target in self {
            hasher.combine(target.count)
            for entry in target {
                hasher.combine(entry.method)
                for measure in entry.measures {
                    hasher.combine(measure.name)
                    hasher.combine(measure.value.bitPattern)
                }
            }
        }
        return hasher.finalize()
    }
}
