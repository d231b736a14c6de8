import CPixels

extension PlaneRows {
    /// The picture of three signed numbers a pixel, such as the gradient with respect to the input.
    ///
    /// (x - mean) / (std + 1e-5) * 0.1 + 0.5, clipped to 0...1, times 255, truncated: `deprocess_image` of
    /// pytorch-grad-cam 1.5.7, with numpy's float32 arithmetic and its order of summation over a contiguous array. Mean
    /// and standard deviation are taken over all numbers, which are made three times for it. NaN becomes black.
    /// - Precondition: there are three channels.
    public var deprocessed: ImageRows {
        precondition(channels == 3, "a picture needs three numbers a pixel")
        let rowCount = 3 * width, count = rowCount * height
        return ImageRows(width: width, height: height) {
            let mean = PairwiseSum(self).sum(count) { pixels_sum($0, $1) } / Float(count)
            let variance = PairwiseSum(self).sum(count) { pixels_sum_squares($0, $1, mean) } / Float(count)
            let spread = variance.squareRoot() + 1e-5
            let next = start(), row = Row(rowCount)
            return { target in
                next(row.base)
                pixels_deprocess(row.base, mean, spread, target, rowCount)
            }
        }
    }
}

extension Image {
    /// A picture of signed values, see `PlaneRows.deprocessed`.
    /// - Parameter values: height x width x 3.
    /// - Precondition: there are `width * height * 3` values; both sides are at least 1.
    public init(deprocessing values: [Float], width: Int, height: Int) {
        precondition(
            width > 0 && height > 0 && values.count == width * height * 3, "an image needs width * height * 3 values")
        self = PlaneRows(values, width: width, height: height, channels: 3).deprocessed.image
    }
}

/// Sums over numbers that come in rows, in the order in which numpy adds up a contiguous array: halves down to 128
/// values, those in 8 interleaved sums. It takes the numbers one after another, so that no more than a row is there.
private final class PairwiseSum {
    private let next: (UnsafeMutablePointer<Float>) -> Void
    private let row: PlaneRows.Row, count: Int
    private let crossing = PlaneRows.Row(128)
    private var place: Int

    init(_ rows: PlaneRows) {
        count = rows.width * rows.channels
        (next, row, place) = (rows.start(), PlaneRows.Row(count), count)
    }

    /// The sum over the next `count` numbers, of which `part` adds up so many at a place, 128 at most.
    func sum(_ count: Int, by part: (UnsafePointer<Float>, Int) -> Float) -> Float {
        if count <= 128 { return part(take(count), count) }
        let middle = count / 2 / 8 * 8
        let first = sum(middle, by: part)
        return first + sum(count - middle, by: part)
    }

    /// The next `count` numbers, 128 at most, which stay until the next call.
    private func take(_ count: Int) -> UnsafeMutablePointer<Float> {
        if place + count <= self.count {
            defer { place += count }
            return row.base + place
        }
        var taken = 0
        while taken < count {
            if place == self.count {
                next(row.base)
                place = 0
            }
            let part = min(count - taken, self.count - place)
            (crossing.base + taken).update(from: row.base + place, count: part)
            place += part
            taken += part
        }
        return crossing.base
    }
}
