import Network

/// Insertion: the area under the curve of the score while the photo's pixels appear on the blurred photo, in the map's
/// order, the greatest first.
///
/// Petsiuk, Das and Saenko, "RISE", BMVC 2018, section 4.2.
public struct Insertion: Metric {
    public let info = MetricInfo(
        name: "insertion", summary: "how soon the score rises as the map's pixels appear on the blurred photo",
        paper: "Petsiuk et al. 2018",
        settings: "\(PixelCurve.steps) steps; from a Gaussian blur of 5/224 of the longer side")
    public let cost = PixelCurve.cost

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { PixelCurve.needs }

    public func measure(_ map: JudgedMap, _ subject: Subject) throws -> [Measure] {
        let x = subject.inputMap, sigma = Float(max(x.width, x.height)) * 5 / 224
        let area = try PixelCurve.area(of: map, subject, from: x.blurred(sigma: sigma).values, to: x.values)
        return [Measure(name, area, better: .higher, decides: true)]
    }
}
