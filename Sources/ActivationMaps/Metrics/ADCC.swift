import Network

/// ADCC: the harmonic mean of coherency, 1 - complexity and 1 - confidence drop, the drop as a share of the score.
/// Undefined where the score is not positive.
///
/// Poppi et al., "Revisiting The Evaluation of Class Activation Mapping for Explainability", CVPRW 2021, eq. 5.
public struct ADCC: Metric {
    public let info = MetricInfo(
        name: "adcc", summary: "harmonic mean of coherency, 1 - complexity and 1 - confidence drop",
        paper: "Poppi et al. 2021", settings: "the normalised input times the map")
    public let cost = Cost(passes: "1 forward, and the method's", madeOf: "the masked photo and its map")

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { Needs(images: 1) }

    public func measure(_ map: JudgedMap, _ subject: Subject) throws -> [Measure] {
        let drop = try Confidence().measure(map, subject)[0].value
        let value =
            drop.isNaN
            ? .nan
            : harmonicMean(try Coherency.value(of: map, subject), 1 - Complexity.value(of: map.plane), 1 - drop)
        return [Measure(name, value, better: .higher)]
    }
}
