import CPixels

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
                    pixels_look_up(levels.next(), photo.baseAddress! + 3 * width * y, table, target, width)
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
        let levels = LevelRows(map), most = (heat.max() ?? 0) + light[255]
        var brightest: Float = 0
        pixels.withUnsafeBufferPointer { photo in
            for y in 0..<height {
                if brightest >= most { break } // no later row has more
                brightest = pixels_brightest(
                    levels.next(), photo.baseAddress! + 3 * width * y, width, heat, light, brightest)
            }
        }
        return brightest
    }
}

/// A map's rows in 256 levels.
private final class LevelRows {
    private let start: (UnsafeMutablePointer<Float>) -> Void
    private let row: PlaneRows.Row, levels: UnsafeMutablePointer<UInt8>, width: Int

    init(_ map: PlaneRows) {
        (start, row, width) = (map.start(), PlaneRows.Row(map.width), map.width)
        levels = .allocate(capacity: width)
    }

    deinit { levels.deallocate() }

    /// The next row, which stays until the next call.
    func next() -> UnsafePointer<UInt8> {
        start(row.base)
        pixels_levels(row.base, levels, width)
        return UnsafePointer(levels)
    }
}

/// A value cut to 0...255 and its fraction dropped; NaN gives 0.
@inline(__always)
func truncated(_ value: Float) -> UInt8 {
    UInt8(value > 0 ? (value < 255 ? value : 255) : 0)
}
