import Network

/// Max-sensitivity: the greatest |M(x + e) - M(x)| / |M(x)| of 10 inputs x + e, e uniform in -0.02..0.02 in every
/// number of the normalised input, from the subject's seed; |M(x)| counts as 1 where the map is blank. Infinite where a
/// map of them is not finite.
///
/// Yeh et al., "On the (In)fidelity and Sensitivity of Explanations", NeurIPS 2019, definition 3, as Captum has it.
public struct MaxSensitivity: Metric {
    public let info = MetricInfo(
        name: "max-sensitivity", summary: "how much the map changes with noise that nobody sees",
        paper: "Yeh et al. 2019", settings: "10 samples of uniform noise within 0.02 of the normalised input")
    public let cost = Cost(passes: "10 times the method's", madeOf: "maps of noisy photos")
    private static let samples = 10, radius: Float = 0.02

    public init() {}

    public func measure(_ map: JudgedMap, _ subject: Subject) throws -> [Measure] {
        guard map.isFinite else { return [Measure(name, .nan, better: .lower)] }
        var most = 0.0
        try subject.forEachPass(Self.samples) { sample in
            var noise = SeededGenerator(seed: subject.options.seed, stream: sample)
            let input = subject.input.map { $0 + Self.radius * (2 * Float(noise.next() >> 40) * 0x1p-24 - 1) }
            let other = try map.again(subject, input: input).values
            let change = length(zip(other, map.plane.values).map { $0 - $1 })
            most = max(most, change.isFinite ? change : .infinity)
        }
        let own = length(map.plane.values)
        return [Measure(name, most / (own > 0 ? own : 1), better: .lower)]
    }

    private func length(_ numbers: [Float]) -> Double {
        numbers.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
}
