import Foundation
import Imaging
import TestSupport
import Testing

@testable import ActivationMaps

/// Means over many maps, with intervals as SciPy has them, and what is concluded of them.
@Suite struct AverageTests {
    struct Goldens: Decodable { let intervals: [Interval] }
    struct Interval: Decodable, CustomStringConvertible {
        let values: [Double], mean: Double, low: Double, high: Double, kind: String
        var description: String { "\(values.count) by \(kind)" }
    }

    static let goldens = try! JSONDecoder().decode(
        Goldens.self, from: Data(contentsOf: URL(fileURLWithPath: Golden.folder + "/regions/golden.json")))

    @Test(arguments: goldens.intervals) func intervalsAreTheOracles(_ golden: Interval) throws {
        var mean = Mean()
        for value in golden.values + [.nan, .infinity] { mean.add(value) }
        let interval = try #require(mean.interval), scale = 1e-5 * (1 + abs(golden.high - golden.low))
        #expect(mean.count == golden.values.count && abs(mean.value - golden.mean) < 1e-12)
        #expect(abs(interval.low - golden.low) < scale && abs(interval.high - golden.high) < scale)
        #expect(interval.kind.rawValue == golden.kind)
    }

    @Test func oneNumberHasNoInterval() {
        var mean = Mean()
        #expect(mean.interval == nil && mean.count == 0 && mean.value == 0)
        mean.add(0.5)
        #expect(mean.interval == nil && mean.studentInterval == nil && mean.value == 0.5)
    }

    private func entries(
        _ numbers: [String: Double], better: Measure.Better = .higher, decides: Bool = true
    ) -> [Averages.Entry] {
        numbers.sorted { $0.key < $1.key }.map {
            Averages.Entry(
                method: $0.key, isControl: $0.key.hasPrefix("r"),
                measures: [Measure("m", $0.value, better: better, decides: decides)])
        }
    }

    private func beats(_ better: Measure.Better, _ photos: Int, gap: Double, decides: Bool = true) -> Bool? {
        var averages = Averages()
        for photo in 0..<photos {
            // Photos differ by far more than methods do: only pairs show it.
            let base = Double(photo * photo), noise = Double(photo % 3) / 100
            averages.add([
                entries(["a": base + gap + noise, "random": base], better: better, decides: decides)
            ])
        }
        return averages.rows.first { $0.method == "a" }!.beatsControls
    }

    @Test func pairsShowWhatMeansHide() {
        #expect(beats(.higher, 12, gap: 0.1) == true && beats(.lower, 12, gap: 0.1) == false)
        #expect(beats(.higher, 12, gap: -0.1) == false && beats(.lower, 12, gap: -0.1) == true)
        #expect(beats(.higher, 12, gap: -0.01) == nil)
        #expect(beats(.higher, 12, gap: 0.1, decides: false) == nil, "what does not decide shows nothing")
        #expect(beats(.higher, 5, gap: 0.1) == nil, "five maps show nothing")
    }

    @Test func rowsAreSortedByWhatIsGood() {
        var averages = Averages()
        averages.add([entries(["a": 1, "b": 3, "random": 2])])
        averages.add([])
        #expect(averages.count == 1 && averages.rows.map(\.method) == ["b", "random", "a"])
        averages.add([entries(["c": .nan], better: .higher)])
        #expect(averages.rows.last?.method == "c" && averages.rows.last?.mean.count == 0)
        var low = Averages()
        low.add([entries(["a": 1, "b": 3, "random": 2], better: .lower)])
        #expect(low.rows.map(\.method) == ["a", "random", "b"])
    }

    @Test func aPhotosTargetsAreOneNumber() {
        var averages = Averages()
        averages.add([entries(["a": 1, "random": 0]), entries(["a": 2, "random": .nan])])
        let row = averages.rows.first { $0.method == "a" }!
        #expect(averages.count == 1 && row.mean.count == 1 && row.mean.value == 1.5)
    }

    /// A photo that lacks a measure, as one where nothing was marked, changes no other's.
    @Test func whatIsMissingIsLeftOut() {
        var averages = Averages()
        averages.add([entries(["a": 1, "random": 0])])
        averages.add([[.init(method: "a", isControl: false, measures: [])]])
        averages.add([entries(["a": .nan, "random": 0.5])])
        let row = averages.rows.first { $0.method == "a" }!
        #expect(row.mean.count == 1 && row.differences[0].mean.count == 1 && averages.count == 3)
    }

    private func truth(_ plane: Plane) throws -> [String: Double] {
        let size = (plane.width, plane.height)
        let placement = Placement(
            photoWidth: size.0, photoHeight: size.1, x: 0, y: 0, width: Double(size.0), height: Double(size.1))
        let map = Map(
            method: "m", input: plane, layer: plane, placement: placement, rawMinimum: 0, rawMaximum: 1,
            negativeShare: 0, remark: nil)
        let truth = try #require(
            GroundTruth(boxes: [Rectangle(x0: 1, y0: 0, x1: 3, y1: 2)], width: size.0, height: size.1))
        return Dictionary(uniqueKeysWithValues: truth.measures(of: map).map { ($0.name, $0.value) })
    }

    /// Numbers that follow from the definitions.
    @Test func truthMeasuresMaps() throws {
        let inside = try truth(Plane(width: 4, height: 2, values: [0, 1, 0.5, 0, 0, 0.5, 0.5, 0.5]))
        let expected: [String: Double] = [
            "pointing-game": 1, "energy-inside": 2.5 / 3, "localisation-overlap": 4.0 / 6, "localisation-error": 0,
            "relevance-rank": 3.25 / 4,
        ]
        #expect(inside == expected)
        let blank = try truth(Plane(width: 4, height: 2, values: [Float](repeating: 0, count: 8)))
        let chance: [String: Double] = [
            "pointing-game": 0, "energy-inside": 0, "localisation-overlap": 0, "localisation-error": 1,
            "relevance-rank": 0.5,
        ]
        #expect(blank == chance)
        let broken = try truth(Plane(width: 4, height: 2, values: [.nan, 1, 0, 0, 0, 0, 0, 0]))
        #expect(broken.values.allSatisfy { $0.isNaN })
    }

    @Test func whatIsOutsideOfAPhotoIsNoTruth() {
        #expect(GroundTruth(boxes: [Rectangle(x0: 5, y0: 0, x1: 9, y1: 2)], width: 4, height: 2) == nil)
        #expect(GroundTruth(boxes: [Rectangle(x0: 0.6, y0: 0, x1: 1.4, y1: 2)], width: 4, height: 2) == nil)
        #expect(GroundTruth(Mask(width: 2, height: 2) { _, _ in false }) == nil)
    }
}
