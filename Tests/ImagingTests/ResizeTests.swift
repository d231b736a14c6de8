@testable import Imaging
import Testing

@Suite struct ResizeTests {
    @Test(arguments: Goldens.resized) func imageIsPillows(
        _ golden: (width: Int, height: Int, newWidth: Int, newHeight: Int, pixels: String)
    ) {
        let image = randomImage(golden.width, golden.height).resized(width: golden.newWidth, height: golden.newHeight)
        #expect([image.width, image.height] == [golden.newWidth, golden.newHeight])
        #expect(sha256(image.pixels) == golden.pixels)
    }

    @Test(arguments: Goldens.interpolated)
    func interpolationIsPillowsOrOpenCVs(
        _ golden: (
            how: Preprocessing.Interpolation, width: Int, height: Int, newWidth: Int, newHeight: Int, pixels: String
        )
    ) {
        let image = randomImage(golden.width, golden.height).resized(
            width: golden.newWidth, height: golden.newHeight, by: golden.how)
        #expect(sha256(image.pixels).hasPrefix(golden.pixels))
    }

    @Test(arguments: Preprocessing.Interpolation.allCases) func aPartIsThatOfTheWhole(
        _ interpolation: Preprocessing.Interpolation
    ) {
        let image = randomImage(57, 33)
        for (width, height) in [(20, 20), (91, 70), (57, 12), (33, 33)] {
            let whole = image.resized(width: width, height: height, by: interpolation)
            let part = image.resized(width: width, height: height, by: interpolation, columns: 5..<17, rows: 3..<11)
            for y in 0..<8 {
                let row = 3 * ((y + 3) * width + 5)
                #expect(Array(part.pixels[36 * y..<36 * (y + 1)]) == Array(whole.pixels[row..<row + 36]))
            }
        }
    }

    @Test(arguments: Goldens.planes) func mapIsOpenCVs(
        _ golden: (width: Int, height: Int, newWidth: Int, newHeight: Int, step: Int, values: [Float])
    ) {
        let map = Plane(width: golden.width, height: golden.height, values: randomFloats(golden.width * golden.height))
        let resized = map.resized(width: golden.newWidth, height: golden.newHeight)
        let sampled = stride(from: 0, to: resized.values.count, by: golden.step).map { resized.values[$0] }
        #expect(sampled.count == golden.values.count)
        #expect(zip(sampled, golden.values).allSatisfy { abs($0 - $1) <= 1e-6 })
    }

    @Test func aMapOfItsOwnSizeIsKept() {
        let map = Plane(width: 5, height: 4, values: randomFloats(20))
        #expect(map.resized(width: 5, height: 4) == map)
    }
}
