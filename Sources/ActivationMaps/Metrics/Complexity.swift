import Imaging
import Network

/// Complexity: mean abs(M), the share of the photo that a map takes; 0 of a blank map.
///
/// Poppi et al., "Revisiting The Evaluation of Class Activation Mapping for Explainability: A Novel Metric and
/// Experimental Analysis", CVPRW 2021, section 3.2, as pytorch-grad-cam has it: divided by the number of pixels.
public struct Complexity: Metric {
    public let info = MetricInfo(
        name: "complexity", summary: "how much of the photo the map takes", paper: "Poppi et al. 2021")
    public let cost = Cost(passes: "none", madeOf: "the map")

    public init() {}

    public func measure(_ map: JudgedMap, _ subject: Subject) -> [Measure] {
        [Measure(name, Self.value(of: map.plane), better: .lower)]
    }

    static func value(of plane: Plane) -> Double {
        plane.values.reduce(0) { $0 + Double(abs($1)) } / Double(plane.values.count)
    }
}
