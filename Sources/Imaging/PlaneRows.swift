import CPixels

/// Numbers over a picture that are made row by row whenever they are asked for, and never whole in memory.
public struct PlaneRows: Sendable {
    public let width, height: Int
    /// Numbers a pixel, one beside another.
    public let channels: Int
    /// Begins at the top: each call of the result writes the next row, `width * channels` numbers.
    let start: @Sendable () -> (UnsafeMutablePointer<Float>) -> Void

    /// - Precondition: both sides are at least 1.
    init(
        width: Int, height: Int, channels: Int = 1,
        start: @escaping @Sendable () -> (UnsafeMutablePointer<Float>) -> Void
    ) {
        precondition(width > 0 && height > 0, "a map needs at least one value")
        (self.width, self.height, self.channels, self.start) = (width, height, channels, start)
    }

    /// Numbers in memory: height x width x channels.
    init(_ values: [Float], width: Int, height: Int, channels: Int) {
        let count = width * channels
        self.init(width: width, height: height, channels: channels) {
            var y = 0
            return { row in
                values.withUnsafeBufferPointer { row.update(from: $0.baseAddress! + count * y, count: count) }
                y += 1
            }
        }
    }

    /// Every pixel's three numbers times the map's at the pixel.
    /// - Precondition: there are three channels; the map has the same size and one number a pixel.
    public func weighted(by map: PlaneRows) -> PlaneRows {
        precondition(
            channels == 3 && map.width == width && map.height == height && map.channels == 1,
            "a map of this size weighs three numbers a pixel")
        return PlaneRows(width: width, height: height, channels: 3) { [start, width] in
            let next = start(), nextWeights = map.start(), weights = Row(width)
            return { row in
                next(row)
                nextWeights(weights.base)
                pixels_weigh(row, weights.base, width)
            }
        }
    }

    /// Signed numbers, -1 to 1, as what a diverging colour map shows, 0 to 1: (x + 1) / 2, so that 0 is its middle. NaN
    /// counts as 0.
    public var centred: PlaneRows {
        PlaneRows(width: width, height: height, channels: channels) { [start, count = width * channels] in
            let next = start()
            return { row in
                next(row)
                for i in 0..<count { row[i] = row[i].isNaN ? 0.5 : (row[i] + 1) / 2 }
            }
        }
    }

    /// The numbers whole in memory.
    var values: [Float] {
        let next = start(), count = width * channels
        return [Float](unsafeUninitializedCapacity: count * height) { values, written in
            for y in 0..<height { next(values.baseAddress! + count * y) }
            written = count * height
        }
    }

    /// Room for numbers, for as long as it is held.
    final class Row {
        let base: UnsafeMutablePointer<Float>

        /// All 0.
        init(_ count: Int) {
            base = .allocate(capacity: count)
            base.initialize(repeating: 0, count: count)
        }

        deinit { base.deallocate() }
    }
}

extension Plane {
    /// The map's rows.
    public var rows: PlaneRows { PlaneRows(values, width: width, height: height, channels: 1) }
}
