import ActivationMaps
import Platform

extension Report {
    /// What metrics say of one map.
    struct Judgement: Sendable {
        /// What the map explains, and its class; nil where that is none.
        let target: String, category: Int?
        let entry: Averages.Entry
        /// nil of a control.
        let verdict: (isBetter: Bool?, text: String)?
    }

    static func json(_ judgement: Judgement) -> JSON {
        let entry = judgement.entry
        return .object([
            ("target", .string(judgement.target)), ("class", judgement.category.map(JSON.integer) ?? .null),
            ("method", .string(entry.method)), ("control", .boolean(entry.isControl)),
            (
                "measures",
                .array(
                    entry.measures.map {
                        .object([
                            ("name", .string($0.name)), ("value", $0.value.isFinite ? .real($0.value) : .null),
                            ("better", .string($0.better.rawValue)), ("decides", .boolean($0.decides)),
                        ])
                    })
            ),
            (
                "verdict",
                judgement.verdict.map {
                    .object([("better", $0.isBetter.map(JSON.boolean) ?? .null), ("text", .string($0.text))])
                } ?? .null
            ),
        ])
    }

    /// A table for each target, a row a measure and a column a method, and the verdicts under it.
    static func text(_ judgements: [Judgement]) -> [String] {
        var targets: [String] = []
        for judgement in judgements where !targets.contains(judgement.target) { targets.append(judgement.target) }
        return targets.flatMap { target in
            let own = judgements.filter { $0.target == target }
            var names: [(name: String, better: Measure.Better)] = []
            for measure in own.flatMap(\.entry.measures) where !names.contains(where: { $0.name == measure.name }) {
                names.append((measure.name, measure.better))
            }
            let header = [Messages.listed(target), "good"] + own.map { $0.entry.method }
            let rows = names.map { measure in
                [measure.name, measure.better.word]
                    + own.map { judgement in
                        judgement.entry.measures.first { $0.name == measure.name }.map { number($0.value) } ?? ""
                    }
            }
            return (rows.isEmpty ? [] : [table([header] + rows, right: Set(2..<header.count))])
                + own.compactMap { $0.verdict?.text }
        }
    }

    static func json(_ metric: MetricInfo) -> JSON {
        .object([("name", .string(metric.name)), ("settings", .string(metric.settings))])
    }

    /// Steps, references and seeds of metrics that have them, a line each.
    static func settings(_ metrics: [MetricInfo]) -> [String] {
        metrics.filter { !$0.settings.isEmpty }.map { "\($0.name): \($0.settings)".visible }
    }

    /// A measure as people read it.
    static func number(_ value: Double) -> String { value.isFinite ? fixed(Float(value), digits: 3) : "-" }
}

extension Measure.Better {
    /// In a table.
    var word: String {
        switch self {
        case .higher: "high"
        case .lower: "low"
        case .neither: ""
        }
    }
}

extension MetricInfo {
    /// As a report has it, whose metric may be another version's.
    init?(_ json: PythonLiteral) {
        guard let name = json["name"]?.string, let settings = json["settings"]?.string else { return nil }
        self.init(name: name, summary: "", paper: "", settings: settings)
    }
}

extension Averages.Entry {
    /// As a report has it.
    fileprivate init?(_ json: PythonLiteral) {
        guard let method = json["method"]?.string, case .boolean(let isControl)? = json["control"],
            let measures = json["measures"]?.list
        else { return nil }
        self.init(
            method: method, isControl: isControl,
            measures: measures.compactMap { measure in
                guard let name = measure["name"]?.string,
                    let better = measure["better"]?.string.flatMap(Measure.Better.init)
                else { return nil }
                return Measure(
                    name, measure["value"]?.number ?? .nan, better: better,
                    decides: measure["decides"] == .boolean(true))
            })
    }

    /// What a report's line says of each target; empty where nothing was judged.
    static func read(_ report: PythonLiteral) -> [[Averages.Entry]] {
        var targets: [(name: String, entries: [Averages.Entry])] = []
        for judgement in report["judgements"]?.list ?? [] {
            guard let name = judgement["target"]?.string, let entry = Averages.Entry(judgement) else { continue }
            if let place = targets.firstIndex(where: { $0.name == name }) {
                targets[place].entries.append(entry)
            } else {
                targets.append((name, [entry]))
            }
        }
        return targets.map(\.entries)
    }
}
