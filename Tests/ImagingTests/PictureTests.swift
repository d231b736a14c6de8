@testable import Imaging
import Testing

/// Colour maps, overlays and pictures of signed values.
@Suite struct PictureTests {
    @Test(arguments: Goldens.colormaps) func colormapIsOpenCVsOrMatplotlibs(_ golden: (name: String, table: String))
        throws
    {
        let colormap = try #require(Colormap(rawValue: golden.name))
        let table = (0...255).flatMap { level in
            let (red, green, blue) = colormap.colour(UInt8(level))
            return [red, green, blue]
        }
        #expect(sha256(table) == golden.table)
    }

    @Test func everyColormapButGrayHasAGolden() {
        #expect(Set(Goldens.colormaps.map(\.name)).union(["gray"]) == Set(Colormap.allCases.map(\.rawValue)))
        let grey = Colormap.gray.colour(77)
        #expect([grey.0, grey.1, grey.2] == [77, 77, 77])
    }

    @Test(arguments: Goldens.overlays) func overlayIsPytorchGradCams(
        _ golden: (colormap: String, weight: Float, pixels: String)
    ) throws {
        let map = Plane(width: 53, height: 37, values: randomFloats(53 * 37, seed: 2))
        let colormap = try #require(Colormap(rawValue: golden.colormap))
        #expect(
            sha256(randomImage(53, 37).overlaid(with: map, colormap: colormap, imageWeight: golden.weight).pixels)
                == golden.pixels)
    }

    @Test func overlayEndures() {
        let black = Image(width: 2, height: 1, pixels: [0, 0, 0, 0, 0, 0])
        let strange = Plane(width: 2, height: 1, values: [.nan, .infinity])
        #expect(black.overlaid(with: strange, imageWeight: 1).pixels == [0, 0, 0, 0, 0, 0])
        #expect(black.overlaid(with: strange, imageWeight: 0).pixels == [0, 0, 255, 255, 0, 0])
    }

    /// Signed maps: blue, white and red stand for -1, 0 and 1; what is no number counts as 0.
    @Test func centredMapsAreBlueWhiteAndRed() {
        let photo = Image(width: 5, height: 1, pixels: [UInt8](repeating: 0, count: 15))
        let map = Plane(width: 5, height: 1, values: [-1, 0, 1, -0.5, .nan])
        #expect(map.rows.centred.values == [0, 0.5, 1, 0.25, 0.5])
        let overlay = photo.overlaid(with: map.rows.centred, colormap: .bwr, imageWeight: 0).image
        #expect(overlay.pixels == [0, 0, 255, 254, 254, 255, 255, 0, 0, 126, 126, 255, 254, 254, 255])
    }

    @Test(arguments: Goldens.deprocessed) func deprocessedIsNumpys(_ golden: (width: Int, height: Int, pixels: String))
    {
        let values = randomFloats(golden.width * golden.height * 3).map { $0 * 2 - 1 }.map { $0 * $0 * $0 }
        #expect(sha256(Image(deprocessing: values, width: golden.width, height: golden.height).pixels) == golden.pixels)
    }

    @Test func deprocessedEndures() {
        #expect(Image(deprocessing: [3, 3, 3], width: 1, height: 1).pixels == [127, 127, 127])
        #expect(Image(deprocessing: [.nan, 0, 1], width: 1, height: 1).pixels == [0, 0, 0])
    }
}
