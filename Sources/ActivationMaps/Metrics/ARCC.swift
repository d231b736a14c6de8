import Network

/// ARCC: the harmonic mean of coherency, 1 - complexity and twice ROAD of the percentiles 20, 40, 60 and 80, cut off at
/// 0 and 1.
///
/// Domeniconi et al., "How to Evaluate and Refine your CAM", arXiv 2605.14641, as pytorch-grad-cam's code has it.
public struct ARCC: Metric {
    public let info = MetricInfo(
        name: "arcc", summary: "harmonic mean of coherency, 1 - complexity and ROAD", paper: "Domeniconi et al. 2026",
        settings: "ROAD of the percentiles 20, 40, 60, 80; the normalised input times the map")
    public let cost = Cost(passes: "8 forward, and the method's", madeOf: "photos filled in, the masked photo's map")
    private static let percentiles = [20, 40, 60, 80]

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { Needs(images: 2 * Self.percentiles.count) }

    public func measure(_ map: JudgedMap, _ subject: Subject) throws -> [Measure] {
        let (most, least) = try ROAD.changes(map, subject, percentiles: Self.percentiles), road = least - most
        let value =
            road.isNaN
            ? .nan
            : harmonicMean(
                try Coherency.value(of: map, subject), 1 - Complexity.value(of: map.plane), min(max(road, 0), 1))
        return [Measure(name, value, better: .higher)]
    }
}
