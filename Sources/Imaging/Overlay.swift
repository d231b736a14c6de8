extension Image {
    /// The picture with a class activation map laid over it as a heat map.
    ///
    /// heat = colormap(255 * map), out = (1 - w) * heat + w * picture, divided by its maximum: `show_cam_on_image` of
    /// pytorch-grad-cam 1.5.7, equal in every value (float32 arithmetic in its order, truncation to 8 bits).
    /// - Parameters:
    ///   - map: as wide and high as the picture, 0 to 1 (values outside are clamped, NaN counts as 0).
    ///   - imageWeight: w, 0 to 1.
    /// - Precondition: the map has the picture's size.
    public func overlaid(with map: Plane, colormap: Colormap = .jet, imageWeight: Float = 0.5) -> Image {
        precondition(map.width == width && map.height == height, "the map must have the picture's size")
        // The weight as the decimal number that was written, so that 1 - w is rounded once, as in Python.
        let weight = Double(imageWeight.description) ?? Double(imageWeight)
        let heat = colormap.table.map { Float(1 - weight) * (Float($0) / 255) }
        let light = (0...255).map { Float(weight) * (Float($0) / 255) }

        return pixels.withUnsafeBufferPointer { photo in
            map.values.withUnsafeBufferPointer { map in
                var brightest: Float = 0
                for i in 0..<map.count {
                    let colour = 3 * level(map[i])
                    for c in 0..<3 { brightest = max(brightest, heat[colour + c] + light[Int(photo[3 * i + c])]) }
                }
                // A channel's value depends on the map's level and the photo's value alone: 256 x 3 x 256 results.
                let results = [UInt8](unsafeUninitializedCapacity: 768 * 256) { results, count in
                    count = 768 * 256
                    for colour in 0..<768 {
                        for value in 0..<256 {
                            let sum = heat[colour] + light[value]
                            results[colour << 8 | value] = brightest > 0 ? UInt8(min(255 * (sum / brightest), 255)) : 0
                        }
                    }
                }
                return results.withUnsafeBufferPointer { results in
                    Image(width: width, height: height) { target in
                        for i in 0..<map.count {
                            let colour = 3 * level(map[i])
                            for c in 0..<3 { target[3 * i + c] = results[(colour + c) << 8 | Int(photo[3 * i + c])] }
                        }
                    }
                }
            }
        }
    }
}

/// The colour map's entry for a map's value: 255 * value, truncated.
@inline(__always)
private func level(_ value: Float) -> Int { value > 0 ? Int(min(255 * value, 255)) : 0 }
