import Imaging
import Testing

@Suite struct ResizeTests {
    @Test(arguments: Goldens.resized) func imageIsPillows(_ golden: (width: Int, height: Int, newWidth: Int, newHeight: Int, pixels: String)) {
        let image = randomImage(golden.width, golden.height).resized(width: golden.newWidth, height: golden.newHeight)
        #expect([image.width, image.height] == [golden.newWidth, golden.newHeight])
        #expect(sha256(image.pixels) == golden.pixels)
    }

    @Test(arguments: Goldens.planes) func mapIsOpenCVs(_ golden: (width: Int, height: Int, newWidth: Int, newHeight: Int, step: Int, values: [Float])) {
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
