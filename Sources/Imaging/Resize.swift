import CPixels

// Pillow's resize: a filter whose support grows with the reduction (antialiasing), along one axis and then the other,
// with 8 bits between. https://github.com/python-pillow/Pillow, src/libImaging/Resample.c

/// The weights of one axis: output `i` is the sum over `k < count[i]` of `weights[i * taps + k] *
/// input[reads.lowerBound + first[i] + k]`.
private struct Resampling {
    /// Weights are fixed-point numbers with this many fractional bits: 32 less 8 of the pixel and 2 for the sum's
    /// overshoot.
    static let fractionBits: Int32 = 22

    let taps: Int
    private(set) var first: [Int] = [], count: [Int] = [], weights: [Int32] = []
    /// The inputs that the outputs read.
    let reads: Range<Int>

    /// The axis of `size` pixels resized to `newSize`, of which only the outputs in `kept` are wanted.
    init(size: Int, newSize: Int, kept: Range<Int>, filter: ResamplingFilter) {
        let scale = Double(size) / Double(newSize), reduction = max(scale, 1), support = filter.support * reduction
        taps = Int(support.rounded(.up)) * 2 + 1
        weights.reserveCapacity(taps * kept.count)
        var exact = [Double](repeating: 0, count: taps)
        for output in kept {
            let centre = (Double(output) + 0.5) * scale
            let start = max(Int(centre - support + 0.5), 0), end = min(Int(centre + support + 0.5), size)
            var sum = 0.0
            for k in 0..<end - start {
                exact[k] = filter.weight((Double(start + k) - centre + 0.5) * (1 / reduction))
                sum += exact[k]
            }
            for k in 0..<taps {
                let weight = k < end - start && sum != 0 ? exact[k] / sum : 0
                weights.append(Int32((weight < 0 ? -0.5 : 0.5) + weight * Double(1 << Resampling.fractionBits)))
            }
            first.append(start)
            count.append(end - start)
        }
        let start = first.first ?? 0
        reads = start..<(first.last ?? 0) + (count.last ?? 0)
        for i in first.indices { first[i] -= start }
    }
}

private let half: Int32 = 1 << (Resampling.fractionBits - 1)

extension Image {
    /// The picture at another size, bit for bit as the `resize` of Pillow 13 (or of OpenCV) makes it.
    /// - Precondition: both sides are at least 1.
    public func resized(
        width newWidth: Int, height newHeight: Int, by interpolation: Preprocessing.Interpolation = .bilinear
    ) -> Image {
        resized(width: newWidth, height: newHeight, by: interpolation, columns: 0..<newWidth, rows: 0..<newHeight)
    }

    /// Only these columns and rows of the picture at another size: a resize and a crop that computes nothing in vain, nor
    /// has more than two pictures of this size in memory.
    /// - Parameter grey: whether it is the picture's luma that is resized.
    func resized(
        width newWidth: Int, height newHeight: Int, by interpolation: Preprocessing.Interpolation, columns: Range<Int>,
        rows: Range<Int>, grey: Bool = false
    ) -> Image {
        precondition(
            !columns.isEmpty && !rows.isEmpty && columns.lowerBound >= 0 && rows.lowerBound >= 0
                && columns.upperBound <= newWidth && rows.upperBound <= newHeight,
            "a resized picture needs at least one pixel")
        guard let filter = interpolation.filter else {
            var image = self
            if grey { image.reduceToLuma() }
            return interpolation == .nearest
                ? image.sampledNearest(width: newWidth, height: newHeight, columns: columns, rows: rows)
                : image.sampledBilinear(width: newWidth, height: newHeight, columns: columns, rows: rows)
        }
        let across = newWidth == width ? nil : Resampling(size: width, newSize: newWidth, kept: columns, filter: filter)
        let down = newHeight == height ? nil : Resampling(size: height, newSize: newHeight, kept: rows, filter: filter)
        // Pillow's choice since 13.0; before, rows always came first. The results differ by rounding.
        let columnsFirst = newHeight < height && height - newHeight > 2 * (width - newWidth)

        var image = cropped(columns: across?.reads ?? columns, rows: down?.reads ?? rows)
        if grey { image.reduceToLuma() }
        if columnsFirst, let down { image = image.resampledColumns(down) }
        if let across { image = image.resampledRows(across) }
        if !columnsFirst, let down { image = image.resampledColumns(down) }
        return image
    }

    func cropped(columns: Range<Int>, rows: Range<Int>) -> Image {
        if columns.count == width, rows.count == height { return self }
        return pixels.withUnsafeBufferPointer { source in
            Image(width: columns.count, height: rows.count) { target in
                for (y, row) in rows.enumerated() {
                    let from = 3 * (row * width + columns.lowerBound), to = 3 * y * columns.count
                    for i in 0..<3 * columns.count { target[to + i] = source[from + i] }
                }
            }
        }
    }

    private func resampledRows(_ axis: Resampling) -> Image {
        pixels.withUnsafeBufferPointer { source in
            Image(width: axis.first.count, height: height) { target in
                for row in 0..<height {
                    pixels_resample(
                        source.baseAddress! + 3 * row * width, axis.first, axis.count, axis.weights, axis.taps,
                        Resampling.fractionBits, target + 3 * row * axis.first.count, axis.first.count)
                }
            }
        }
    }

    private func resampledColumns(_ axis: Resampling) -> Image {
        let stride = 3 * width
        var sums = [Int32](repeating: 0, count: stride)
        return pixels.withUnsafeBufferPointer { source in
            sums.withUnsafeMutableBufferPointer { sums in
                Image(width: width, height: axis.first.count) { target in
                    for output in axis.first.indices {
                        sums.update(repeating: half)
                        for k in 0..<axis.count[output] {
                            let weight = axis.weights[output * axis.taps + k]
                            pixels_add_weighted(
                                sums.baseAddress!, source.baseAddress! + stride * (axis.first[output] + k), weight,
                                stride)
                        }
                        pixels_cut(
                            sums.baseAddress!, Resampling.fractionBits, target + output * stride, stride)
                    }
                }
            }
        }
    }
}
