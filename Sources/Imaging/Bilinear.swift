/// Bilinear sampling along one axis, with half-pixel centres and clamped edges (OpenCV's INTER_LINEAR):
/// output `i` is `(1 - fraction[i]) * input[low[i]] + fraction[i] * input[high[i]]` for `i` in `inside`, else 0.
private struct BilinearAxis {
    private(set) var low: [Int] = [], high: [Int] = [], fraction: [Float] = []
    let inside: Range<Int>

    /// - Parameters:
    ///   - size: inputs; they cover `extent` outputs from position `origin` on (in outputs, may be fractional or
    ///     negative).
    ///   - newSize: outputs; those whose centre is not covered are 0.
    init(size: Int, newSize: Int, origin: Double, extent: Double) {
        let covered = (0..<newSize).filter { Double($0) + 0.5 >= origin && Double($0) + 0.5 < origin + extent }
        inside = (covered.first ?? 0)..<(covered.last.map { $0 + 1 } ?? 0)
        let scale = Double(size) / extent
        for output in 0..<newSize {
            let position = Float((Double(output) + 0.5 - origin) * scale - 0.5)
            let floor = Int(min(max(position.rounded(.down), -1), Float(size)))
            low.append(min(max(floor, 0), size - 1))
            high.append(min(max(floor + 1, 0), size - 1))
            fraction.append(min(max(position - Float(floor), 0), 1))
        }
    }
}

extension Plane {
    /// The map at another size as OpenCV's `resize(..., INTER_LINEAR)` makes it: half-pixel centres, clamped edges, no
    /// antialiasing.
    /// - Precondition: both sides are at least 1.
    public func resized(width newWidth: Int, height newHeight: Int) -> Plane {
        if newWidth == width, newHeight == height { return self }
        return resampled(
            width: newWidth, height: newHeight, x: 0, y: 0, across: Double(newWidth), down: Double(newHeight))
    }

    /// The map laid over the rectangle at (x, y), `across` wide and `down` high, of a plane that is 0 elsewhere.
    func resampled(width newWidth: Int, height newHeight: Int, x: Double, y: Double, across: Double, down: Double)
        -> Plane
    {
        precondition(newWidth > 0 && newHeight > 0, "a resized map needs at least one value")
        let columns = BilinearAxis(size: width, newSize: newWidth, origin: x, extent: across)
        let rows = BilinearAxis(size: height, newSize: newHeight, origin: y, extent: down)
        // Two rows of the map resized to the new width, even and odd ones, and which they are.
        var stretched = [Float](repeating: 0, count: 2 * newWidth), held = [-1, -1]
        let resized = [Float](unsafeUninitializedCapacity: newWidth * newHeight) { buffer, count in
            count = newWidth * newHeight
            stretched.withUnsafeMutableBufferPointer { stretched in
                let even = UnsafeMutableBufferPointer(rebasing: stretched[..<newWidth])
                let odd = UnsafeMutableBufferPointer(rebasing: stretched[newWidth...])
                for row in 0..<newHeight {
                    let target = UnsafeMutableBufferPointer(rebasing: buffer[row * newWidth..<(row + 1) * newWidth])
                    guard rows.inside.contains(row) else { target.initialize(repeating: 0); continue }
                    let (low, high, fraction) = (rows.low[row], rows.high[row], rows.fraction[row])
                    for wanted in [low, high] where held[wanted & 1] != wanted {
                        stretch(row: wanted, columns, into: wanted & 1 == 0 ? even : odd)
                        held[wanted & 1] = wanted
                    }
                    let above = low & 1 == 0 ? even : odd, below = high & 1 == 0 ? even : odd
                    for i in 0..<newWidth { target[i] = above[i] * (1 - fraction) + below[i] * fraction }
                }
            }
        }
        return Plane(width: newWidth, height: newHeight, values: resized)
    }

    /// Columns outside stay 0.
    private func stretch(row: Int, _ columns: BilinearAxis, into target: UnsafeMutableBufferPointer<Float>) {
        values.withUnsafeBufferPointer { values in
            let row = row * width
            for column in columns.inside {
                let fraction = columns.fraction[column]
                target[column] =
                    values[row + columns.low[column]] * (1 - fraction) + values[row + columns.high[column]] * fraction
            }
        }
    }
}
