import Network

/// ROAD: pixels at or above a percentile of the map (most relevant first), or of 1 - map (least relevant first), are
/// filled from their neighbours (`NeighbourFill`), with normal noise of standard deviation 0.01 on them; the score's
/// change, the mean over the percentiles 10, 20..90. road = (least - most) / 2.
///
/// Rong et al., "A Consistent and Efficient Evaluation Strategy for Attribution Methods", ICML 2022, as
/// pytorch-grad-cam has it, but with noise of the subject's seed.
public struct ROAD: Metric {
    public let info = MetricInfo(
        name: "road", summary: "how much more the score loses without the map's best pixels than without its last ones",
        paper: "Rong et al. 2022", settings: "percentiles 10..90; removed pixels filled from their neighbours")
    public let cost = Cost(passes: "18 forward", madeOf: "photos with pixels filled in")
    private static let percentiles = Array(stride(from: 10, through: 90, by: 10))

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { Needs(images: 2 * Self.percentiles.count) }

    public func measure(_ map: JudgedMap, _ subject: Subject) throws -> [Measure] {
        let (most, least) = try Self.changes(map, subject, percentiles: Self.percentiles)
        return [
            Measure("road", (least - most) / 2, better: .higher, decides: true),
            Measure("road-morf", most, better: .lower), Measure("road-lerf", least, better: .higher),
        ]
    }

    /// The mean changes of the score without the most, and without the least relevant pixels; NaN where the map has no
    /// order.
    static func changes(
        _ map: JudgedMap, _ subject: Subject, percentiles: [Int]
    ) throws -> (most: Double, least: Double) {
        guard map.hasOrder else { return (.nan, .nan) }
        let (input, seed, count) = (subject.input, subject.options.seed, percentiles.count)
        let (width, height) = (map.plane.width, map.plane.height)
        let orders = [map.plane.values, map.plane.values.map { 1 - $0 }]
        let thresholds = orders.map { order in
            let sorted = order.sorted()
            return percentiles.map { percentile($0, of: sorted) }
        }
        let scores = try subject.confidences(
            .written(2 * count) { number, pixels in
                let threshold = thresholds[number / count][number % count]
                _ = pixels.update(fromContentsOf: input)
                fill(
                    pixels, width: width, height: height,
                    isRemoved: orders[number / count].map { Double($0) >= threshold },
                    noise: SeededGenerator(seed: seed, stream: number))
            })
        let score = Double(subject.confident.score)
        func mean(_ scores: ArraySlice<Float>) -> Double {
            scores.reduce(0) { $0 + Double($1) - score } / Double(count)
        }
        return (mean(scores[..<count]), mean(scores[count...]))
    }

    /// As NumPy's `percentile`: linear between the numbers beside it.
    private static func percentile(_ percent: Int, of sorted: [Float]) -> Double {
        let place = Double((sorted.count - 1) * percent) / 100, below = Int(place)
        let (low, high) = (Double(sorted[below]), Double(sorted[min(below + 1, sorted.count - 1)]))
        return low + (high - low) * (place - Double(below))
    }

    /// Fills the removed pixels of every channel, and adds noise to them, channel by channel, row by row.
    private static func fill(
        _ pixels: UnsafeMutableBufferPointer<Float>, width: Int, height: Int, isRemoved: [Bool],
        noise generator: SeededGenerator
    ) {
        let fill = NeighbourFill(width: width, height: height, isRemoved: isRemoved), area = width * height
        var generator = generator
        for first in stride(from: 0, to: pixels.count, by: area) {
            fill.fill(pixels.baseAddress! + first)
            for i in 0..<area where isRemoved[i] { pixels[first + i] += 0.01 * generator.gaussian() }
        }
    }
}
