import Network

/// Coherency: (r + 1) / 2, r Pearson's correlation of the map with the same method's map of the input times the map;
/// 1e-8 is added to the product of their deviations, so that it is 0.5 where one of them is blank.
///
/// Poppi et al., "Revisiting The Evaluation of Class Activation Mapping for Explainability", CVPRW 2021, section 3.2,
/// as pytorch-grad-cam has it.
public struct Coherency: Metric {
    public let info = MetricInfo(
        name: "coherency", summary: "how alike the map is to that of the photo seen through it",
        paper: "Poppi et al. 2021", settings: "the normalised input times the map")
    public let cost = Cost(passes: "the method's", madeOf: "the masked photo's map")

    public init() {}

    public func measure(_ map: JudgedMap, _ subject: Subject) throws -> [Measure] {
        [Measure(name, try Self.value(of: map, subject), better: .higher)]
    }

    static func value(of map: JudgedMap, _ subject: Subject) throws -> Double {
        guard map.isFinite else { return .nan }
        return (pearson(map.plane.values, try map.again(underItself: subject).values) + 1) / 2
    }

    private static func pearson(_ a: [Float], _ b: [Float]) -> Double {
        func centred(_ numbers: [Float]) -> [Double] {
            let mean = numbers.reduce(0) { $0 + Double($1) } / Double(numbers.count)
            return numbers.map { Double($0) - mean }
        }
        let (a, b) = (centred(a), centred(b)), degrees = Double(a.count - 1)
        func covariance(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / degrees }
        return covariance(a, b) / ((covariance(a, a) * covariance(b, b)).squareRoot() + 1e-8)
    }
}

/// 3 / sum 1 / (part + 1e-8): near 0 where one of the parts is.
func harmonicMean(_ parts: Double...) -> Double { Double(parts.count) / parts.reduce(0) { $0 + 1 / ($1 + 1e-8) } }
