import Network
import Platform

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

        /// Whether the map is better by what is printed of both numbers.
        public var isWon: Bool { margin >= 0.001 }
    }

    /// true: by every measure that decides the map is better than each control; false: by none; nil: by some of them,
    /// or nothing tells, or not of every control.
    public let isBetter: Bool?
    /// By the measures that decide, in their order.
    public let comparisons: [Comparison]
    /// Controls of which a measure that decides is not known, as of a blank map.
    public let silent: [String]

    /// - Parameters:
    ///   - measures: of a map, or their means over many.
    ///   - controls: the controls' measures, by name.
    public init(of measures: [Measure], against controls: [(method: String, measures: [Measure])]) {
        let deciding = measures.filter { $0.decides && $0.value.isFinite }
        func value(_ measure: Measure, of control: (method: String, measures: [Measure])) -> Double? {
            control.measures.first { $0.name == measure.name && $0.value.isFinite }?.value
        }
        comparisons = deciding.compactMap { own in
            let sign: Double = own.better == .lower ? -1 : 1
            let rivals = controls.compactMap { control in value(own, of: control).map { (control.method, $0) } }
            guard let best = rivals.max(by: { sign * $0.1 < sign * $1.1 }) else { return nil }
            return Comparison(
                measure: own.name, value: own.value, best: best.1, control: best.0, margin: sign * (own.value - best.1))
        }
        silent = controls.filter { control in deciding.contains { value($0, of: control) == nil } }.map(\.method)
        let wins = comparisons.count(where: \.isWon)
        isBetter =
            switch wins {
            case 0: comparisons.isEmpty ? nil : false
            case comparisons.count: silent.isEmpty ? true : nil
            default: nil
            }
    }

    /// One sentence on a method's map of one photo.
    public func wording(_ method: String) -> Wording {
        func list(_ comparisons: [Comparison]) -> Wording {
            comparisons.enumerated().reduce("") { list, each in
                let (value, best) = (fixed(each.element.value, digits: 3), fixed(each.element.best, digits: 3))
                let text: Wording = "\(each.element.measure) \(value) against \(best) of \(each.element.control)"
                return list + (each.offset == 0 ? "" : ", ") + text
            }
        }
        let won = comparisons.filter(\.isWon), lost = comparisons.filter { !$0.isWon }
        let unsaid: Wording =
            silent.isEmpty
            ? "" : "; of \(names: silent, quote: "") nothing is known, as of a map that is blank or missing"
        return switch isBetter {
        case true?: "on this photo \(method) is better than the controls: " + list(won)
        case false?: "on this photo \(method) is no better than a control: " + list(lost) + unsaid
        case nil where comparisons.isEmpty:
            "whether \(method) is better than the controls is open: that takes insertion, deletion, road or energy-inside"
        case nil where lost.isEmpty: "on this photo \(method) is better: " + list(won) + unsaid
        case nil:
            "on this photo \(method) is better than the controls in " + list(won) + ", not in " + list(lost) + unsaid
        }
    }
}

extension Verdict {
    /// Of one method among the judgements of a target. A control that has no map of the network tells nothing.
    public init(of judgement: Judgement, among all: [Judgement]) {
        self.init(
            of: judgement.measures,
            against: Judgement.controls.map(\.name).filter { $0 != judgement.method }.map { control in
                (control, all.first { $0.method == control }?.measures ?? [])
            })
    }
}
