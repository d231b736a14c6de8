import Network

/// Deletion: the area under the curve of the score while the photo's pixels become 0, the mean colour of most networks,
/// in the map's order, the greatest first.
///
/// Petsiuk, Das and Saenko, "RISE", BMVC 2018, section 4.2.
public struct Deletion: Metric {
    public let info = MetricInfo(
        name: "deletion", summary: "how soon the score falls as the map's pixels are taken away",
        paper: "Petsiuk et al. 2018", settings: "\(PixelCurve.steps) steps; to 0 in the normalised input")
    public let cost = PixelCurve.cost

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { PixelCurve.needs }

    public func measure(_ map: JudgedMap, _ subject: Subject) throws -> [Measure] {
        let x = subject.input
        let area = try PixelCurve.area(of: map, subject, from: x, to: x.map { _ in 0 })
        return [Measure(name, area, better: .lower, decides: true)]
    }
}
