import Imaging
import Testing

@Suite struct PreprocessingTests {
    /// Mean 0 and std 1/255: the tensor holds the pixels.
    static func raw(
        _ width: Int, _ height: Int, _ resize: Preprocessing.Resize = .squash, order: Preprocessing.ChannelOrder = .rgb,
        channels: Int = 3
    ) -> Preprocessing {
        Preprocessing(
            mean: [0], std: [1 / 255], width: width, height: height, resize: resize, channelOrder: order,
            channels: channels)
    }

    /// The tensor's pixels, interleaved again.
    static func pixels(_ tensor: [Float], channels: Int = 3) -> [UInt8] {
        let area = tensor.count / channels
        return (0..<tensor.count).map { UInt8(tensor[$0 % channels * area + $0 / channels].rounded()) }
    }

    @Test(arguments: Goldens.crops) func cropIsTorchvisions(
        _ golden: (width: Int, height: Int, size: Int, pixels: String)
    ) {
        let tensor = Self.raw(golden.size, golden.size, .crop).tensor(from: randomImage(golden.width, golden.height))
        #expect(sha256(Self.pixels(tensor)) == golden.pixels)
    }

    @Test func theMiddleIsTorchvisionsOrTimms() {
        for golden in Goldens.fed {
            var preprocessing = Self.raw(golden.width, golden.height, golden.how)
            preprocessing.scaled = .init(width: golden.scaledWidth, height: golden.scaledHeight)
            preprocessing.interpolation = golden.by
            let pixels = Self.pixels(preprocessing.tensor(from: randomImage(golden.photoWidth, golden.photoHeight)))
            #expect(sha256(pixels).hasPrefix(golden.pixels), "\(golden)")
        }
    }

    @Test func whatIsMissingIsBlackOrTheMean() {
        let white = Image(width: 4, height: 4, pixels: [UInt8](repeating: 255, count: 48))
        for resize in Preprocessing.Resize.allCases {
            let preprocessing = Preprocessing(width: 8, height: 4, resize: resize, scaled: .init(width: 4, height: 4))
            let tensor = preprocessing.tensor(from: white)
            for channel in 0..<3 {
                let black = -preprocessing.mean[channel] / preprocessing.std[channel]
                for x in [0, 1, 6, 7] { #expect(tensor[32 * channel + x] == (resize == .letterbox ? 0 : black)) }
                for x in 2..<6 { #expect(tensor[32 * channel + x] > 2) }
            }
        }
    }

    @Test func squashIsResizedByPlanes() {
        let image = randomImage(31, 17), resized = image.resized(width: 8, height: 12)
        #expect(Self.pixels(Self.raw(8, 12).tensor(from: image)) == resized.pixels)
        let swapped = stride(from: 0, to: resized.pixels.count, by: 3).flatMap {
            resized.pixels[$0..<$0 + 3].reversed()
        }
        #expect(Self.pixels(Self.raw(8, 12, order: .bgr).tensor(from: image)) == swapped)
    }

    @Test func greyIsPillows() {
        let tensor = Self.raw(20, 10, channels: 1).tensor(from: randomImage(64, 48))
        #expect(sha256(Self.pixels(tensor, channels: 1)) == Goldens.luma)
    }

    @Test func defaultIsTorchvisionsNormalisation() {
        let white = Image(width: 1, height: 1, pixels: [255, 255, 255])
        var preprocessing = Preprocessing(width: 1, height: 1)
        let expected: [Float] = [2.2489083, 2.4285715, 2.64]
        #expect(zip(preprocessing.tensor(from: white), expected).allSatisfy { abs($0 - $1) < 1e-6 })
        preprocessing.mean = [0.5]
        preprocessing.std = []
        #expect(preprocessing.tensor(from: white) == [0.5, 0.5, 0.5])
    }

    @Test func letterboxPadsWithTheMeanColour() {
        var preprocessing = Preprocessing(width: 8, height: 8, resize: .letterbox)
        preprocessing.mean = [0.25]
        let tensor = preprocessing.tensor(
            from: Image(width: 40, height: 20, pixels: [UInt8](repeating: 255, count: 2400)))
        for y in 0..<8 {
            let padded = y < 2 || y > 5
            #expect(tensor[8 * y..<8 * y + 8].allSatisfy { ($0 == 0) == padded })
        }
    }

    static let placements: [(Preprocessing.Resize, Int, Int, Placement)] = [
        (.squash, 40, 20, Placement(photoWidth: 40, photoHeight: 20, x: 0, y: 0, width: 40, height: 20)),
        (.crop, 40, 20, Placement(photoWidth: 40, photoHeight: 20, x: 10, y: 0, width: 20, height: 20)),
        (.crop, 20, 40, Placement(photoWidth: 20, photoHeight: 40, x: 0, y: 10, width: 20, height: 20)),
        (.letterbox, 40, 20, Placement(photoWidth: 40, photoHeight: 20, x: 0, y: -10, width: 40, height: 40)),
        (.letterbox, 20, 40, Placement(photoWidth: 20, photoHeight: 40, x: -10, y: 0, width: 40, height: 40)),
    ]

    @Test(arguments: placements) func placementIsTheRectangleShown(
        _ resize: Preprocessing.Resize, _ width: Int, _ height: Int, _ expected: Placement
    ) {
        let placement = Self.raw(8, 8, resize).placement(of: width, height: height)
        #expect(placement == expected)
        let restored = placement.restore(Plane(width: 2, height: 2, values: [1, 1, 1, 1]))
        #expect([restored.width, restored.height] == [width, height])
        for y in 0..<height {
            for x in 0..<width {
                let across = expected.x..<expected.x + expected.width, down = expected.y..<expected.y + expected.height
                let seen: Float = across.contains(Double(x)) && down.contains(Double(y)) ? 1 : 0
                #expect(restored.values[y * width + x] == seen)
            }
        }
    }

    static let scaledPlacements: [(Preprocessing.Resize, Int, Placement)] = [
        (.crop, 16, Placement(photoWidth: 40, photoHeight: 20, x: 15, y: 5, width: 10, height: 10)),
        (.crop, 4, Placement(photoWidth: 40, photoHeight: 20, x: 0, y: -10, width: 40, height: 40)),
        (.squash, 4, Placement(photoWidth: 40, photoHeight: 20, x: -20, y: -10, width: 80, height: 40)),
        (.letterbox, 16, Placement(photoWidth: 40, photoHeight: 20, x: 10, y: 0, width: 20, height: 20)),
        (.letterbox, 4, Placement(photoWidth: 40, photoHeight: 20, x: -20, y: -30, width: 80, height: 80)),
    ]

    @Test(arguments: scaledPlacements) func placementOfAMiddle(
        _ resize: Preprocessing.Resize, _ scaled: Int, _ expected: Placement
    ) {
        var preprocessing = Self.raw(8, 8, resize)
        preprocessing.scaled = .init(width: scaled, height: scaled)
        #expect(preprocessing.placement(of: 40, height: 20) == expected)
    }

    /// A bright spot's centre of mass stays where it is, however the photo is scaled.
    @Test(arguments: Preprocessing.Interpolation.allCases) func scaledPhotosComeBackInPlace(
        _ interpolation: Preprocessing.Interpolation
    ) {
        for (width, height, spotX, spotY) in [(120, 60, 65, 22), (60, 120, 22, 65), (97, 101, 40, 60)] {
            var image = Image(width: width, height: height, pixels: [UInt8](repeating: 0, count: width * height * 3))
            for y in spotY - 4...spotY + 4 {
                for x in spotX - 4...spotX + 4 { for c in 0..<3 { image.pixels[3 * (y * width + x) + c] = 255 } }
            }
            for resize in Preprocessing.Resize.allCases {
                for scaled in [40, 48, 56] {
                    var preprocessing = Self.raw(48, 48, resize, channels: 1)
                    preprocessing.scaled = .init(width: scaled, height: scaled)
                    preprocessing.interpolation = interpolation
                    let seen = Plane(width: 48, height: 48, values: preprocessing.tensor(from: image))
                    let restored = preprocessing.placement(of: width, height: height).restore(seen).values
                    let sum = restored.reduce(0, +)
                    let x = restored.indices.reduce(0) { $0 + restored[$1] * Float($1 % width) } / sum
                    let y = restored.indices.reduce(0) { $0 + restored[$1] * Float($1 / width) } / sum
                    #expect(
                        abs(x - Float(spotX)) < 1.6 && abs(y - Float(spotY)) < 1.6, "\(resize) \(scaled): \(x) \(y)")
                }
            }
        }
    }

    @Test func restoringASquashedMapIsAResize() {
        let map = Plane(width: 7, height: 7, values: randomFloats(49))
        #expect(Self.raw(224, 224).placement(of: 33, height: 21).restore(map) == map.resized(width: 33, height: 21))
    }

    /// A bright spot of the photo, fed through the network's geometry and back, stays where it is.
    @Test(arguments: Preprocessing.Resize.allCases) func whatIsFedComesBackInPlace(_ resize: Preprocessing.Resize) {
        for (width, height, spotX, spotY) in [(120, 60, 65, 22), (60, 120, 22, 65), (97, 101, 40, 60)] {
            var image = Image(width: width, height: height, pixels: [UInt8](repeating: 0, count: width * height * 3))
            for y in spotY - 2...spotY + 2 {
                for x in spotX - 2...spotX + 2 { for c in 0..<3 { image.pixels[3 * (y * width + x) + c] = 255 } }
            }
            let preprocessing = Self.raw(48, 48, resize, channels: 1)
            let seen = Plane(width: 48, height: 48, values: preprocessing.tensor(from: image))
            let restored = preprocessing.placement(of: width, height: height).restore(seen).values
            let peak = restored.indices.max { restored[$0] < restored[$1] } ?? 0
            #expect(abs(peak % width - spotX) <= 2 && abs(peak / width - spotY) <= 2)
        }
    }

    @Test func extremeAspectsCostNoMoreThanTheInput() {
        for (width, height) in [(60_000, 1), (1, 60_000)] {
            for resize in Preprocessing.Resize.allCases {
                let image = Image(
                    width: width, height: height, pixels: [UInt8](repeating: 9, count: width * height * 3))
                #expect(Self.raw(224, 224, resize).tensor(from: image).count == 3 * 224 * 224)
            }
        }
    }
}
