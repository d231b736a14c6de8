import Network

/// A number, or some, that judges a map. A new metric is a file in `Metrics/` and a line in `Metrics.all`.
public protocol Metric: Sendable {
    /// What it is.
    var info: MetricInfo { get }

    /// What it takes of a network, for one map.
    var cost: Cost { get }

    /// What it will ask of a subject, besides what the map's method asks for when the map is made again.
    func needs(_ graph: Graph, _ layers: [Layer]) -> Needs

    /// Judges a map of this subject. What cannot be told of a map is NaN: of a map with a number that is not finite
    /// everything (nothing is run for it), of a blank one what depends on the order of its pixels.
    func measure(_ map: JudgedMap, _ subject: Subject) throws -> [Measure]
}

/// A metric's name, meaning and origin.
public struct MetricInfo: Sendable {
    /// As users spell it.
    public let name: String
    /// One line: what it tells of a map.
    public let summary: String
    /// Authors and year; the package where there is no paper.
    public let paper: String
    /// Steps, references and seeds, as the list of metrics tells them; empty where there are none.
    public let settings: String

    /// All of it is told to users.
    public init(name: String, summary: String, paper: String, settings: String = "") {
        (self.name, self.summary, self.paper, self.settings) = (name, summary, paper, settings)
    }
}

/// One number that judges a map.
public struct Measure: Sendable, Equatable {
    /// Which numbers speak for a map.
    public enum Better: String, Sendable {
        case higher, lower
        /// It describes a map.
        case neither
    }

    /// As users and files spell it; of a metric with several numbers it begins with the metric's name.
    public let name: String
    /// NaN where the map leaves it undefined, see `Metric.measure`.
    public let value: Double
    /// What is good.
    public let better: Better
    /// Whether a map that beats the controls by it shows more of the network than they do, so that a verdict rests on
    /// it.
    public let decides: Bool

    /// - Parameter decides: see there.
    public init(_ name: String, _ value: Double, better: Better, decides: Bool = false) {
        (self.name, self.value, self.better, self.decides) = (name, value, better, decides)
    }
}

extension Metric {
    /// As users spell it.
    public var name: String { info.name }

    /// Many ask for nothing.
    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { Needs() }
}

/// The metrics.
public enum Metrics {
    /// In the order in which they are listed.
    public static let all: [any Metric] = [
        Insertion(), Deletion(), ROAD(), Confidence(), ADCC(), ARCC(), Coherency(), Complexity(), Sparseness(),
        MaxSensitivity(), Infidelity(), SanityCheck(), RankCorrelation(),
    ]

    /// The metric of that name, or nil.
    public static func named(_ name: String) -> (any Metric)? { all.first { $0.name == name } }
}
