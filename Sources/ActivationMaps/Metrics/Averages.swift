/// What metrics say of many maps, by method: means with intervals, and how far each method is from the controls, photo
/// by photo. Memory does not grow with the photos.
public struct Averages: Sendable {
    /// What metrics say of one map of a target.
    public struct Entry: Sendable {
        /// The method that made it.
        public let method: String
        /// Whether that shows nothing of what the network looks for.
        public let isControl: Bool
        /// What is told of it.
        public let measures: [Measure]

        /// All of it is reported of a photo.
        public init(method: String, isControl: Bool, measures: [Measure]) {
            (self.method, self.isControl, self.measures) = (method, isControl, measures)
        }
    }

    /// One measure of one method.
    public struct Row: Sendable {
        /// As `Entry` has it.
        public let method: String, isControl: Bool
        /// The measure's name, and which numbers speak for a map.
        public let measure: String, better: Measure.Better
        /// Whether a verdict rests on the measure, see `Measure.decides`.
        public let decides: Bool
        /// Over all photos.
        public let mean: Mean
        /// By how much a number is above that of each control on average, of the same photo.
        public let differences: [(control: String, mean: Mean)]

        /// true: better than every control, by Student's intervals of differences, which do not hold 0; false: worse
        /// than one; nil: neither is shown, of a control and by a measure that does not decide as well. Nothing is shown by
        /// fewer than six photos: of five that all differ in one direction the sign test has p = 0.06.
        public var beatsControls: Bool? {
            guard decides, !isControl, !differences.isEmpty else { return nil }
            let sign: Double = better == .lower ? -1 : 1
            let sides = differences.map { difference -> Double in
                guard difference.mean.count >= 6, let interval = difference.mean.studentInterval else { return 0 }
                return interval.low > 0 ? sign : interval.high < 0 ? -sign : 0
            }
            return sides.contains { $0 < 0 } ? false : sides.allSatisfy { $0 > 0 } ? true : nil
        }
    }

    private struct Key: Hashable { let method, measure: String }
    private struct Value {
        let isControl: Bool, better: Measure.Better, decides: Bool
        var mean = Mean()
        var differences: [(control: String, mean: Mean)] = []
    }
    private var values: [Key: Value] = [:]
    private var order: [Key] = []
    /// Photos that were judged.
    public private(set) var count = 0

    /// Of nothing yet.
    public init() {}

    /// Adds what was said of all maps of a photo, target by target. Targets of one photo are not independent of each
    /// other: their mean counts as one number.
    public mutating func add(_ targets: [[Entry]]) {
        let entries = targets.count == 1 ? targets[0] : Self.mean(targets)
        guard !entries.isEmpty else { return }
        count += 1
        let controls = entries.filter(\.isControl)
        for entry in entries {
            for measure in entry.measures {
                let key = Key(method: entry.method, measure: measure.name)
                if values[key] == nil { order.append(key) }
                var value =
                    values[key]
                    ?? Value(isControl: entry.isControl, better: measure.better, decides: measure.decides)
                value.mean.add(measure.value)
                for control in controls where !entry.isControl {
                    guard let other = control.measures.first(where: { $0.name == measure.name }) else { continue }
                    let place = value.differences.firstIndex { $0.control == control.method }
                    if place == nil { value.differences.append((control.method, Mean())) }
                    value.differences[place ?? value.differences.count - 1].mean.add(measure.value - other.value)
                }
                values[key] = value
            }
        }
    }

    private static func mean(_ targets: [[Entry]]) -> [Entry] {
        let all = targets.flatMap { $0 }
        var methods: [String] = []
        for entry in all where !methods.contains(entry.method) { methods.append(entry.method) }
        return methods.map { method in
            let own = all.filter { $0.method == method }
            var names: [String] = []
            for measure in own.flatMap(\.measures) where !names.contains(measure.name) { names.append(measure.name) }
            let measures = names.map { name in
                let found = own.compactMap { entry in entry.measures.first { $0.name == name } }
                var mean = Mean()
                for measure in found { mean.add(measure.value) }
                return Measure(
                    name, mean.count > 0 ? mean.value : .nan, better: found[0].better,
                    decides: found[0].decides)
            }
            return Entry(method: method, isControl: own[0].isControl, measures: measures)
        }
    }

    /// The measures in the order in which they came; of each the best method first, and of those that are neither good
    /// nor bad the greatest mean.
    public var rows: [Row] {
        var names: [String] = []
        for key in order where !names.contains(key.measure) { names.append(key.measure) }
        return names.flatMap { name in
            let rows = order.filter { $0.measure == name }.map { key in
                let value = values[key]!
                return Row(
                    method: key.method, isControl: value.isControl, measure: name, better: value.better,
                    decides: value.decides, mean: value.mean, differences: value.differences)
            }
            func key(_ row: Row) -> Double {
                row.mean.count == 0 ? .infinity : row.better == .lower ? row.mean.value : -row.mean.value
            }
            return rows.enumerated().sorted { (key($0.element), $0.offset) < (key($1.element), $1.offset) }
                .map(\.element)
        }
    }
}
