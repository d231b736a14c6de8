import Imaging
import TestSupport
import Testing

/// Small pictures of every colour type, depth, sampling and orientation, as OpenCV decodes them.
@Suite struct DecodeTests {
    static let folder = Shared.repository + "/Tests/ImagingTests/Pictures/"

    @Test(arguments: Goldens.pictures) func pixelsAreOpenCVs(
        _ golden: (name: String, width: Int, height: Int, pixels: String)
    ) throws {
        let image = try Image(contentsOf: DecodeTests.folder + golden.name)
        #expect([image.width, image.height] == [golden.width, golden.height])
        #expect(sha256(image.pixels) == golden.pixels)
        #expect((image.warning != nil) == (golden.name == "truncated.jpg"))
        #expect(Image.isPhoto(contentsOf: DecodeTests.folder + golden.name))
    }
}
