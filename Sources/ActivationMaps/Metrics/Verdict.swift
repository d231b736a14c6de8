import Network

/// Whether a map shows more of the network than the controls do.
public struct Verdict: Sendable {
    /// A measure of the map beside the best of the controls'.
    public struct Comparison: Sendable {
        /// The measure's name.
        public let measure: String
        /// The map's number, and that of the control that did best.
        public let value, best: Double
        /// That control.
        public let control: String
        /// By how much the map is better; negative where it is worse.
        public let margin: Double
    }

    /// true: by every measure that decides the map is better than each control; false: by none; nil: by some of them,
    /// or none tells.
    public let isBetter: Bool?
    /// By the measures that decide, in their order.
    public let comparisons: [Comparison]

    /// - Parameters:
    ///   - measures: of a map, or their means over many.
    ///   - controls: the controls' measures, by name.
    public init(of measures: [Measure], against controls: [(method: String, measures: [Measure])]) {
        comparisons = measures.filter(\.decides).compactMap { own in
            let sign: Double = own.better == .lower ? -1 : 1
            let rivals = controls.compactMap { control in
                control.measures.first { $0.name == own.name }.map { (control.method, $0.value) }
            }
            guard own.value.isFinite,
                let best = rivals.filter({ $0.1.isFinite }).max(by: { sign * $0.1 < sign * $1.1 })
            else { return nil }
            return Comparison(
                measure: own.name, value: own.value, best: best.1, control: best.0, margin: sign * (own.value - best.1))
        }
        let wins = comparisons.count { $0.margin > 0 }
        isBetter = comparisons.isEmpty || (wins > 0 && wins < comparisons.count) ? nil : wins > 0
    }

    /// One sentence on a method's map.
    public func wording(_ method: String) -> Wording {
        func list(_ comparisons: [Comparison]) -> String {
            comparisons.map {
                "\($0.measure) \(fixed($0.value, digits: 3)) against \(fixed($0.best, digits: 3)) of \($0.control)"
            }.joined(separator: ", ")
        }
        let won = comparisons.filter { $0.margin > 0 }, lost = comparisons.filter { $0.margin <= 0 }
        return switch isBetter {
        case true?: "\(method) is better than the controls: \(list(won))"
        case false?: "\(method) is no better than a control: \(list(lost))"
        case nil where comparisons.isEmpty: "nothing tells whether \(method) is better than the controls"
        case nil: "\(method) is better than the controls in \(list(won)), not in \(list(lost))"
        }
    }
}

extension Verdict {
    /// Of one method among the judgements of a target.
    public init(of judgement: Judgement, among all: [Judgement]) {
        self.init(
            of: judgement.measures,
            against: all.filter { $0.isControl && $0.method != judgement.method }.map { ($0.method, $0.measures) })
    }
}
