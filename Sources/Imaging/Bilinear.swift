import CPixels

/// Bilinear sampling along one axis, with half-pixel centres and clamped edges (OpenCV's INTER_LINEAR):
/// output `i` is `(1 - fraction[i]) * input[low[i]] + fraction[i] * input[high[i]]` for `i` in `inside`, else 0. Of inputs
/// of several numbers `low` and `high` are the places of the first.
private struct BilinearAxis {
    private(set) var low: [Int32] = [], high: [Int32] = [], fraction: [Float] = []
    let inside: Range<Int>

    /// - Parameters:
    ///   - size: inputs; they cover `extent` outputs from position `origin` on (in outputs, may be fractional or
    ///     negative).
    ///   - newSize: outputs; those whose centre is not covered are 0.
    init(size: Int, newSize: Int, origin: Double, extent: Double, channels: Int = 1) {
        let covered = (0..<newSize).filter { Double($0) + 0.5 >= origin && Double($0) + 0.5 < origin + extent }
        inside = (covered.first ?? 0)..<(covered.last.map { $0 + 1 } ?? 0)
        let scale = Double(size) / extent
        for output in 0..<newSize {
            let position = Float((Double(output) + 0.5 - origin) * scale - 0.5)
            let floor = Int(min(max(position.rounded(.down), -1), Float(size)))
            low.append(Int32(channels * min(max(floor, 0), size - 1)))
            high.append(Int32(channels * min(max(floor + 1, 0), size - 1)))
            fraction.append(min(max(position - Float(floor), 0), 1))
        }
    }

    /// The outputs inside, of inputs of several numbers.
    func stretch(_ row: UnsafePointer<Float>, _ channels: Int, into target: UnsafeMutablePointer<Float>) {
        let first = inside.lowerBound
        low.withUnsafeBufferPointer { low in
            high.withUnsafeBufferPointer { high in
                fraction.withUnsafeBufferPointer { fraction in
                    pixels_stretch(
                        row, low.baseAddress! + first, high.baseAddress! + first, fraction.baseAddress! + first,
                        inside.count, channels, target + channels * first)
                }
            }
        }
    }
}

extension Plane {
    /// The map at another size as OpenCV's `resize(..., INTER_LINEAR)` makes it: half-pixel centres, clamped edges, no
    /// antialiasing.
    /// - Precondition: both sides are at least 1.
    public func resized(width newWidth: Int, height newHeight: Int) -> Plane {
        if newWidth == width, newHeight == height { return self }
        let placement = Placement(
            photoWidth: newWidth, photoHeight: newHeight, x: 0, y: 0, width: Double(newWidth),
            height: Double(newHeight))
        return placement.restore(self)
    }
}

extension Placement {
    /// Brings a map of the whole network input, at any resolution, to the photo's size (bilinear as `Plane.resized`);
    /// 0 where the network did not see the photo.
    public func restore(_ map: Plane) -> Plane {
        Plane(width: photoWidth, height: photoHeight, values: rows(of: map).values)
    }

    /// The rows of that map.
    public func rows(of map: Plane) -> PlaneRows {
        rows(of: map.values, width: map.width, height: map.height, channels: 1)
    }

    /// The same of several numbers a pixel: height x width x channels.
    public func rows(of values: [Float], width: Int, height: Int, channels: Int) -> PlaneRows {
        precondition(values.count == width * height * channels, "a map needs width * height * channels values")
        let
            columns = BilinearAxis(
                size: width, newSize: photoWidth, origin: x, extent: self.width, channels: channels),
            rows = BilinearAxis(size: height, newSize: photoHeight, origin: y, extent: self.height)
        let count = photoWidth * channels
        return PlaneRows(width: photoWidth, height: photoHeight, channels: channels) {
            // Two rows of the map resized to the photo's width, even and odd ones, and which they are. Columns outside
            // stay 0.
            let stretched = [PlaneRows.Row(count), PlaneRows.Row(count)]
            var held = [-1, -1], next = 0
            return { target in
                let row = next
                next += 1
                guard rows.inside.contains(row) else { return target.update(repeating: 0, count: count) }
                let (low, high, fraction) = (Int(rows.low[row]), Int(rows.high[row]), rows.fraction[row])
                for wanted in [low, high] where held[wanted & 1] != wanted {
                    values.withUnsafeBufferPointer { values in
                        columns.stretch(
                            values.baseAddress! + wanted * width * channels, channels,
                            into: stretched[wanted & 1].base)
                    }
                    held[wanted & 1] = wanted
                }
                pixels_mix(stretched[low & 1].base, stretched[high & 1].base, fraction, target, count)
            }
        }
    }
}
