import Network

/// Rank correlation with each other method's map of the same target: Spearman's, of all pixels, equal ones sharing
/// their mean rank. Undefined where one of the maps has no order.
public struct RankCorrelation: Metric {
    public let info = MetricInfo(
        name: "rank-correlation", summary: "how alike the methods' maps order the pixels", paper: "Spearman 1904")
    public let cost = Cost(passes: "none", madeOf: "the maps")

    public init() {}

    public func measure(_ map: JudgedMap, _ subject: Subject) -> [Measure] {
        map.others.map {
            Measure("\(name)/\($0.method)", Self.value(map.plane.values, $0.plane.values), better: .neither)
        }
    }

    static func value(_ a: [Float], _ b: [Float]) -> Double {
        guard (a + b).allSatisfy(\.isFinite) else { return .nan }
        let (a, b) = (centredRanks(a), centredRanks(b))
        func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        let squares = product(a, a) * product(b, b)
        return squares > 0 ? product(a, b) / squares.squareRoot() : .nan
    }

    /// Ranks without their mean.
    private static func centredRanks(_ values: [Float]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count), first = 0
        while first < order.count {
            var end = first + 1
            while end < order.count, values[order[end]] == values[order[first]] { end += 1 }
            for place in first..<end { ranks[order[place]] = Double(first + end - values.count) / 2 }
            first = end
        }
        return ranks
    }
}
