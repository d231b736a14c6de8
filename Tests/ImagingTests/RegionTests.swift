import Foundation
import TestSupport
import Testing

@testable import Imaging

/// Boxes and masks of maps as OpenCV, pycocotools and Quantus have them (scripts/oracle/make_region_goldens.py).
@Suite struct RegionTests {
    struct Goldens: Decodable {
        let regions: [Region], truths: [Truth]
    }
    struct Region: Decodable, CustomStringConvertible {
        let name: String, width: Int, height: Int, levels: [Int]
        let box: [Double], otsu: Int, inside: Int, counts: String, bounds: [Double]
        var description: String { name }
    }
    struct Truth: Decodable, CustomStringConvertible {
        let name: String, width: Int, height: Int, levels: [Int], boxes: [[Double]]
        let pointing_game, energy_inside, relevance_rank, overlap: Double
        var description: String { name }
    }

    static let goldens = try! JSONDecoder().decode(
        Goldens.self, from: Data(contentsOf: URL(fileURLWithPath: Golden.folder + "/regions/golden.json")))

    private static func rows(_ levels: [Int], _ width: Int, _ height: Int) -> PlaneRows {
        Plane(width: width, height: height, values: levels.map { Float($0) / 255 }).rows
    }

    private func rectangle(_ corners: [Double]) -> Rectangle {
        Rectangle(x0: corners[0], y0: corners[1], x1: corners[2], y1: corners[3])
    }

    @Test(arguments: goldens.regions) func regionsAreTheOracles(_ golden: Region) {
        let map = Self.rows(golden.levels, golden.width, golden.height)
        #expect(map.box() == rectangle(golden.box))
        #expect(map.otsuLevel == golden.otsu)
        let mask = Mask(map, above: map.otsuLevel)
        #expect(mask.count == golden.inside && mask.compressedRunLengths == golden.counts)
        let corner = golden.bounds
        #expect(mask.bounds == rectangle([corner[0], corner[1], corner[0] + corner[2], corner[1] + corner[3]]))
        #expect(mask.runLengths.reduce(0, +) == golden.width * golden.height)
        #expect(Mask(mask.rows.image) == mask)
    }

    @Test(arguments: goldens.truths) func mapsLieToMasksAsTheOracleSays(_ golden: Truth) throws {
        let map = Self.rows(golden.levels, golden.width, golden.height), boxes = golden.boxes.map(rectangle)
        let mask = Mask(width: golden.width, height: golden.height, covering: boxes), greatest = map.greatest
        #expect(mask.contains(greatest.x, greatest.y) == (golden.pointing_game == 1))
        let sums = map.sums(inside: mask)
        #expect(abs(sums.inside / sums.all - golden.energy_inside) < 1e-6)
        let share = map.inside(mask, amongGreatest: mask.count) / Double(mask.count)
        #expect(abs(share - golden.relevance_rank) < 1e-12)
        let box = try #require(map.box())
        #expect(abs(boxes.map { box.overlap(with: $0) }.max()! - golden.overlap) < 1e-12)
    }

    @Test func whatIsBlankHasNoBoxAndAnEmptyMask() {
        let blank = Plane(width: 3, height: 2, values: [0, 0, -0.0, 0, -1, .nan]).rows
        #expect(blank.box() == nil && Mask(blank, above: blank.otsuLevel).count == 0)
        let empty = Mask(blank, above: 0)
        #expect(empty.bounds == nil && empty.runLengths == [6] && empty.compressedRunLengths == "6")
    }

    /// Of equal numbers as many count as would on average, whatever their order.
    @Test func tiesAreShared() {
        let values: [Float] = [0, 1, 1, 1, -0.0, 0.5, 1, -2, 0]
        let map = Plane(width: 3, height: 3, values: values).rows
        let mask = Mask(width: 3, height: 3) { x, y in [1, 2, 5, 8].contains(3 * y + x) }
        #expect(map.inside(mask, amongGreatest: 2) == 1) // 2 of the 4 ones, half of which are inside
        #expect(map.inside(mask, amongGreatest: 5) == 3)
        #expect(map.inside(mask, amongGreatest: 6) == 3 + 1.0 / 3) // and one of three zeros
        #expect(map.inside(mask, amongGreatest: 9) == 4)
        #expect(map.inside(mask, amongGreatest: 0) == 0)
    }

    /// A long comb and noise: parts are joined whatever the order in which rows bring them.
    @Test func partsAreThoseOfAFlood() {
        for (width, height) in [(1, 9), (40, 40), (67, 23)] {
            let values = randomFloats(width * height, seed: 3).map { $0 < 0.4 ? Float(1) : 0 }
            let map = Plane(width: width, height: height, values: values).rows
            #expect(map.largestPart(above: 0.5) == flood(values, width, height))
        }
    }

    private func flood(_ values: [Float], _ width: Int, _ height: Int) -> Rectangle? {
        var seen = [Bool](repeating: false, count: values.count), best: (area: Int, box: Rectangle)?
        for start in values.indices where values[start] > 0.5 && !seen[start] {
            var stack = [start], area = 0, box: Rectangle?
            seen[start] = true
            while let place = stack.popLast() {
                let (x, y) = (place % width, place / width)
                area += 1
                let pixel = rectangle([Double(x), Double(y), Double(x + 1), Double(y + 1)])
                box = box.map { $0.union(pixel) } ?? pixel
                for next in [-1, 0, 1].flatMap({ dy in [-1, 0, 1].map { (x + $0, y + dy) } })
                where 0..<width ~= next.0 && 0..<height ~= next.1 {
                    let place = next.1 * width + next.0
                    if values[place] > 0.5, !seen[place] {
                        seen[place] = true
                        stack.append(place)
                    }
                }
            }
            if area > best?.area ?? 0, let box { best = (area, box) }
        }
        return best?.box
    }

    @Test func overlaps() {
        let one = rectangle([0, 0, 2, 2])
        #expect(one.overlap(with: rectangle([1, 1, 3, 3])) == 1.0 / 7)
        #expect(one.overlap(with: one) == 1 && one.overlap(with: rectangle([2, 0, 3, 1])) == 0)
        #expect(one.overlap(with: rectangle([1, 1, 1, 1])) == 0 && rectangle([1, 1, 0, 0]).area == 0)
    }

    @Test func greyPictures() throws {
        let mask = Mask(width: 11, height: 5, covering: [rectangle([2.5, 1, 9.4, 3.6])])
        #expect(mask.count == 21)
        var bytes: [UInt8] = []
        try mask.rows.encodePNG(software: "x", isGrey: true) { bytes.append(contentsOf: $0) }
        #expect(bytes[25] == 0, "the colour type is grey")
        #expect(try Mask(bytes.withUnsafeBytes { try Image(decoding: $0) }) == mask)
    }
}
