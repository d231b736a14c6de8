import Network

/// Sparseness: the Gini index of the map's magnitudes m, 1e-7 added to each: sum_i (2 i - n - 1) m_i / (n sum m), m
/// sorted, the least first, i counted from 1. 0 where all are equal, as in a blank map, near 1 where few hold all.
///
/// Chalasani et al., "Concise Explanations of Neural Networks using Adversarial Training", ICML 2020, as Quantus has
/// it.
public struct Sparseness: Metric {
    public let info = MetricInfo(
        name: "sparseness", summary: "how few pixels hold the map (Gini index)", paper: "Chalasani et al. 2020")
    public let cost = Cost(passes: "none", madeOf: "the map")

    public init() {}

    public func measure(_ map: JudgedMap, _ subject: Subject) -> [Measure] {
        guard map.isFinite else { return [Measure(name, .nan, better: .higher)] }
        let sorted = map.plane.values.map { Double(abs($0)) + 1e-7 }.sorted(), count = sorted.count
        var (weighted, sum) = (0.0, 0.0)
        for (i, number) in sorted.enumerated() {
            weighted += Double(2 * i + 1 - count) * number
            sum += number
        }
        return [Measure(name, weighted / (Double(count) * sum), better: .higher)]
    }
}
