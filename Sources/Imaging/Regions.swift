/// Colours that are told apart, the first ones best; each has a channel at 255.
public enum Hues {
    /// How many there are.
    public static let count = table.count

    /// Red, green and blue of a colour; beyond the last they begin anew.
    public static func colour(_ index: Int) -> (UInt8, UInt8, UInt8) { table[index % table.count] }

    private static let table: [(UInt8, UInt8, UInt8)] = [
        (255, 0, 0), (0, 255, 0), (0, 64, 255), (255, 234, 0), (255, 0, 255), (0, 255, 255), (255, 119, 0),
        (106, 0, 255), (128, 255, 0), (255, 0, 128), (0, 170, 255), (0, 255, 128),
    ]
}

extension Image {
    /// The picture with each place in the colour of the strongest of several maps (`Hues`, in their order): w * picture
    /// + (1 - w) * strength * colour, as `show_factorization_on_image` of pytorch-grad-cam 1.5.7.
    /// - Parameters:
    ///   - maps: one at least, 0 to 1 (values outside are clamped, NaN counts as 0).
    ///   - imageWeight: w, 0 to 1.
    /// - Precondition: the maps have the picture's size.
    public func coloured(by maps: [PlaneRows], imageWeight: Float = 0.5) -> ImageRows {
        precondition(
            !maps.isEmpty && maps.allSatisfy { $0.width == width && $0.height == height && $0.channels == 1 },
            "the maps must have the picture's size")
        let colours = maps.indices.map { index in
            let (red, green, blue) = Hues.colour(index)
            return [red, green, blue].map { (1 - imageWeight) * Float($0) }
        }
        return ImageRows(width: width, height: height) { [width, pixels] in
            let rows = maps.map { (next: $0.start(), row: PlaneRows.Row(width)) }
            var y = 0
            return { target in
                for (next, row) in rows { next(row.base) }
                for x in 0..<width {
                    var strongest = 0, strength: Float = 0
                    for (index, map) in rows.enumerated() where map.row.base[x] > strength {
                        (strongest, strength) = (index, min(map.row.base[x], 1))
                    }
                    for channel in 0..<3 {
                        let light = imageWeight * Float(pixels[3 * (width * y + x) + channel])
                        target[3 * x + channel] = UInt8(light + strength * colours[strongest][channel])
                    }
                }
                y += 1
            }
        }
    }
}
