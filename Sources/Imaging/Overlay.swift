extension Image {
    /// The picture with a class activation map laid over it as a heat map.
    ///
    /// heat = colormap(255 * map), out = (1 - w) * heat + w * picture, divided by its maximum: `show_cam_on_image` of
    /// pytorch-grad-cam 1.5.7, equal in every value (float32 arithmetic in its order, truncation to 8 bits). The map's
    /// rows are made twice: for the maximum, and for the pixels.
    /// - Parameters:
    ///   - map: as wide and high as the picture, 0 to 1 (values outside are clamped, NaN counts as 0).
    ///   - imageWeight: w, 0 to 1.
    /// - Precondition: the map has the picture's size.
    public func overlaid(with map: PlaneRows, colormap: Colormap = .jet, imageWeight: Float = 0.5) -> ImageRows {
        precondition(
            map.width == width && map.height == height && map.channels == 1, "the map must have the picture's size")
        // The weight as the decimal number that was written, so that 1 - w is rounded once, as in Python.
        let weight = Double(imageWeight.description) ?? Double(imageWeight)
        let heat = colormap.table.map { Float(1 - weight) * (Float($0) / 255) }
        let light = (0...255).map { Float(weight) * (Float($0) / 255) }
        let (width, height) = (width, height)
        return ImageRows(width: width, height: height) {
            let brightest = self.brightest(map, heat, light)
            // A channel's value depends on the map's level and the photo's value alone: 256 x 3 x 256 results.
            var results = [UInt8](repeating: 0, count: 768 << 8)
            for (colour, heat) in heat.enumerated() where brightest > 0 {
                for value in 0..<256 {
                    results[colour << 8 | value] = truncated(255 * ((heat + light[value]) / brightest))
                }
            }
            let levels = LevelRows(map), table = results
            var y = 0
            return { target in
                pixels.withUnsafeBufferPointer { photo in
                    table.withUnsafeBufferPointer { results in
                        let photo = photo.baseAddress! + 3 * width * y
                        levels.eachRun { level, run in
                            let red = 768 * Int(level), green = red + 256, blue = red + 512
                            for i in run {
                                target[3 &* i] = results[red &+ Int(photo[3 &* i])]
                                target[3 &* i &+ 1] = results[green &+ Int(photo[3 &* i &+ 1])]
                                target[3 &* i &+ 2] = results[blue &+ Int(photo[3 &* i &+ 2])]
                            }
                        }
                    }
                }
                y += 1
            }
        }
    }

    /// The same with a map in memory, as a picture in memory.
    public func overlaid(with map: Plane, colormap: Colormap = .jet, imageWeight: Float = 0.5) -> Image {
        overlaid(with: map.rows, colormap: colormap, imageWeight: imageWeight).image
    }

    /// The greatest sum of heat and light.
    private func brightest(_ map: PlaneRows, _ heat: [Float], _ light: [Float]) -> Float {
        let levels = LevelRows(map)
        var brightest: Float = 0
        pixels.withUnsafeBufferPointer { photo in
            for y in 0..<height {
                let photo = photo.baseAddress! + 3 * width * y
                levels.eachRun { level, run in
                    var red: UInt8 = 0, green: UInt8 = 0, blue: UInt8 = 0 // the run's brightest
                    for i in run {
                        red = max(red, photo[3 &* i])
                        green = max(green, photo[3 &* i &+ 1])
                        blue = max(blue, photo[3 &* i &+ 2])
                    }
                    let colour = 3 * Int(level)
                    brightest = max(
                        brightest, heat[colour] + light[Int(red)], heat[colour + 1] + light[Int(green)],
                        heat[colour + 2] + light[Int(blue)])
                }
            }
        }
        return brightest
    }
}

/// A map's rows in 256 levels.
private final class LevelRows {
    private let next: (UnsafeMutablePointer<Float>) -> Void
    private let row: PlaneRows.Row
    private var levels: [UInt8]

    init(_ map: PlaneRows) {
        (next, row) = (map.start(), PlaneRows.Row(map.width))
        levels = [UInt8](repeating: 0, count: map.width)
    }

    /// Calls `body` with every stretch of pixels of one level in the next row; maps are smooth, so stretches are long.
    @inline(__always)
    func eachRun(_ body: (UInt8, Range<Int>) -> Void) {
        next(row.base)
        levels.withUnsafeMutableBufferPointer { levels in
            for i in 0..<levels.count { levels[i] = truncated(255 * row.base[i]) }
            var start = 0
            while start < levels.count {
                var end = start + 1
                while end < levels.count, levels[end] == levels[start] { end += 1 }
                body(levels[start], start..<end)
                start = end
            }
        }
    }
}

/// A value cut to 0...255 and its fraction dropped; NaN gives 0. Unlike `UInt8(value)` it compiles to vector
/// instructions.
@inline(__always)
func truncated(_ value: Float) -> UInt8 {
    let value = value > 0 ? (value < 255 ? value : 255) : 0
    // So large that a float has no fraction: rounded to nearest, the integer stands in its last bits.
    let shifted = value + 0x1p23
    return UInt8(truncatingIfNeeded: shifted.bitPattern &- (shifted - 0x1p23 > value ? 1 : 0))
}
