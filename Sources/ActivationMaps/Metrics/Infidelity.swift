import Network

/// Infidelity: mean_n (b a_n - d_n)^2 over windows n (of a seventh of the input's sides, half of that apart), a_n the
/// sum of the map in the window, d_n what Y falls by where the window's pixels are 0, and b = sum a_n d_n / sum a_n^2
/// the scale that suits the map best (0 of a blank map). In units of Y squared.
///
/// Yeh et al., "On the (In)fidelity and Sensitivity of Explanations", NeurIPS 2019, definition 1 with square removal,
/// as Captum has it with `normalize=True`.
public struct Infidelity: Metric {
    public let info = MetricInfo(
        name: "infidelity",
        summary: "how far the map's sums are from what the score falls by where windows are removed",
        paper: "Yeh et al. 2019", settings: "windows of a seventh of the sides, half of that apart, set to 0")
    public let cost = Cost(passes: "169 forward", madeOf: "photos with a window removed")

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { Needs(images: 169) }

    public func measure(_ map: JudgedMap, _ subject: Subject) throws -> [Measure] {
        guard map.isFinite else { return [Measure(name, .nan, better: .lower)] }
        let plane = map.plane, input = subject.input, area = plane.values.count
        let windows = Window.sliding(height: plane.height, width: plane.width)
        let scores = try subject.scores(
            .written(windows.count) { number, pixels in
                _ = pixels.update(fromContentsOf: input)
                for first in stride(from: 0, to: pixels.count, by: area) {
                    for place in windows[number].places { pixels[first + place] = 0 }
                }
            })
        let sums = windows.map { window in window.places.reduce(0) { $0 + Double(plane.values[$1]) } }
        let falls = scores.map { Double(subject.score) - Double($0) }
        func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        let squares = product(sums, sums), scale = squares > 0 ? product(sums, falls) / squares : 0
        let errors = zip(sums, falls).map { scale * $0 - $1 }
        return [Measure(name, product(errors, errors) / Double(errors.count), better: .lower)]
    }
}
