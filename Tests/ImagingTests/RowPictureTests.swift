import CPixels
import Testing

@testable import Imaging

/// Pictures that are made row by row: loops of any width of vectors give what plain ones give, whatever the shape.
@Suite struct RowPictureTests {
    /// Overlays, guided pictures and resized photos as loops in Swift made them, one number after another.
    @Test(arguments: [
        (1, 1, "80c58f74426867a8758e36c7f92065e3ae75385884203416cce54f43f331e345"),
        (3, 2, "e70e457c156f30e7535b6532a810aa372678fa8f843b9e790c6c6afaa744f73b"),
        (7, 5, "8bf17faabacbaf03a9a9cb702335d95c8cbe12e589bb129edfb438ae848de358"),
        (8, 8, "f3daf6b6bfe65487239de463bdedc50ac728155f6094a95019adcb2bc55e73b2"),
        (31, 17, "ef877cdeb635053ffc0a6aa2031f7f00398571603a9f0755c218eedb3112bede"),
        (32, 3, "2ee9d850594fd9ba1a9c4421af9d9852957182518618ebdce9b374902e9ac920"),
        (33, 9, "27d2bae7c57ec21de5e768d4bb02907b90217fdfb04284c5b81d0a47ebe88e1d"),
        (64, 40, "20750bc67a6581949a3b58bf7cb493bf7a1e0ba35acecd247d62e94cc5f29cd6"),
        (97, 61, "4fe60ec9d77e8c90c64d2d6831175e83e47d49d9bf5cec03afaa5f378d351a34"),
        (128, 33, "89d04f72e7c629d774d4aacbbc69eb50949d0a03651ad316bcf55d45cfa73744"),
        (255, 100, "8175f745bfcc1e6eb8cd37660c764ce6bfe178213ee6a45488e0eeb9f9cbc596"),
        (301, 211, "01924c23896d8c8949374d224b62d1e6761af5b25de8d0adaa0e54e9f827b693"),
    ])
    func picturesAreThoseOfPlainLoops(_ width: Int, _ height: Int, _ expected: String) {
        let photo = randomImage(width, height), map = Plane(width: 7, height: 6, values: randomFloats(42, seed: 2))
        let gradient = randomFloats(13 * 11 * 3, seed: 3).map { $0 - 0.5 }.map { $0 * $0 * $0 }
        // A part of the photo across, and more than all of it down.
        let placement = Placement(
            photoWidth: width, photoHeight: height, x: Double(width) * 0.1, y: -Double(height) * 0.05,
            width: Double(width) * 0.8, height: Double(height) * 1.1)
        let rows = placement.rows(of: map), numbers = placement.rows(of: gradient, width: 13, height: 11, channels: 3)
        let drawn = [
            photo.overlaid(with: rows), photo.overlaid(with: rows.centred, colormap: .bwr, imageWeight: 0.3),
            numbers.deprocessed, numbers.weighted(by: rows).deprocessed,
        ].map(\.image)
        let filters: [Preprocessing.Interpolation] = [.bilinear, .bicubic, .lanczos, .box]
        let resized = filters.flatMap { filter in
            [
                photo.resized(width: 23, height: 19, by: filter),
                photo.resized(width: 2 * width + 1, height: height / 2 + 1, by: filter),
            ]
        }
        #expect(sha256((drawn + resized).flatMap(\.pixels)) == expected)
    }

    /// The brightest pixel is found wherever it is, also where blocks of pixels before it are passed over.
    @Test(arguments: [1, 31, 32, 33, 64, 100]) func theBrightestPixelIsFound(_ width: Int) {
        let heat = randomFloats(768, seed: 4), light = (0...255).map { Float($0) / 255 }
        for seed in 1...40 as ClosedRange<UInt32> {
            let words = Array(RandomWords(state: seed).prefix(4 * width))
            var photo = words.prefix(3 * width).map { UInt8($0 >> 25) }
            photo[Int(words[0] >> 8) % photo.count] = 255
            let levels = words.suffix(width).map { UInt8($0 >> 29) &+ UInt8(seed) }
            let expected = photo.indices.map { heat[3 * Int(levels[$0 / 3]) + $0 % 3] + light[Int(photo[$0])] }.max()!
            #expect(pixels_brightest(levels, photo, width, heat, light, 0) == expected)
            #expect(pixels_brightest(levels, photo, width, heat, light, 3) == 3)
        }
    }

    /// Numbers that are cut: below 0, above 255, no number.
    @Test func levelsAreCut() {
        let values: [Float] = [.nan, -.infinity, .infinity, -1, -0.001, 0, 0.5, 0.9999, 1, 1.0001, 300, 1e30]
        let numbers = Array(repeating: values, count: 4).flatMap { $0 }
        var levels = [UInt8](repeating: 7, count: numbers.count)
        pixels_levels(numbers, &levels, numbers.count)
        #expect(
            levels == Array(repeating: [0, 0, 255, 0, 0, 0, 127, 254, 255, 255, 255, 255], count: 4).flatMap { $0 })
    }
}
