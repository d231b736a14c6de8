import Network

/// Sanity check: the magnitude of Spearman's correlation of the map with the same method's map by the network with weights drawn anew
/// (`Graph.redrawn`): those of the head, and from the head down in 10 steps to all (the mean of these), each step with
/// those before it. A map that says nothing of the network stays as it is: 1. One that becomes blank, or not finite,
/// has nothing in common with it: 0.
///
/// Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS 2018, section 3.1 and 4.1.
public struct SanityCheck: Metric {
    public let info = MetricInfo(
        name: "sanity", summary: "how much of the map stays when the network's weights are drawn anew",
        paper: "Adebayo et al. 2018",
        settings: "normal weights of each tensor's own mean and deviation; the head's, and all in \(steps) steps")
    public let cost = Cost(passes: "11 times the method's", madeOf: "maps by networks of other weights")
    private static let steps = 10

    public init() {}

    public func measure(_ map: JudgedMap, _ subject: Subject) throws -> [Measure] {
        var (head, cascade) = (Double.nan, Double.nan)
        let weighted = subject.graph.weightedNodes
        if map.hasOrder, !weighted.isEmpty {
            let steps = min(Self.steps, weighted.count)
            let counts = (1...steps).map { (weighted.count * $0 + steps - 1) / steps }
            var found: [Int: Double] = [:]
            try subject.forEachPass(counts.count + 1) { number in
                let count = number == 0 ? 1 : counts[number - 1]
                if found[count] == nil { found[count] = try correlation(map, subject, Array(weighted.prefix(count))) }
            }
            (head, cascade) = (found[1]!, counts.reduce(0) { $0 + found[$1]! } / Double(counts.count))
        }
        return [
            Measure("sanity-head", head, better: .lower), Measure("sanity-cascade", cascade, better: .lower),
        ]
    }

    /// A map whose order is turned around is as much the same as one that stays.
    ///
    /// - Parameter nodes: whose weights are drawn anew.
    private func correlation(_ map: JudgedMap, _ subject: Subject, _ nodes: [Int]) throws -> Double {
        let graph = subject.graph
        let generators = (0..<nodes.count).map { SeededGenerator(seed: subject.options.seed, stream: $0) }
        let session = try subject.image.besides { () throws(NetworkError) in
            try subject.image.session.session(
                of: try graph.redrawn(nodes) { number, weights in
                    var generator = generators[number]
                    let (mean, deviation) = moments(weights)
                    for i in weights.indices { weights[i] = mean + deviation * generator.gaussian() }
                })
        }
        let other = try map.again(subject, input: subject.input, session: session)
        let correlation = RankCorrelation.value(map.plane.values, other.values)
        return correlation.isFinite ? abs(correlation) : 0
    }

    private func moments(_ numbers: UnsafeMutableBufferPointer<Float>) -> (mean: Float, deviation: Float) {
        let count = Double(numbers.count), mean = numbers.reduce(0) { $0 + Double($1) } / count
        let variance = numbers.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
        return (Float(mean), Float(variance.squareRoot()))
    }
}
