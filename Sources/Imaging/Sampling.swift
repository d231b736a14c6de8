// Resizes that read one pixel or 2 x 2 pixels of the picture for each of the result, however much it is reduced.

extension Image {
    /// As Pillow's NEAREST: output `i` is the input under its centre.
    func sampledNearest(width newWidth: Int, height newHeight: Int, columns: Range<Int>, rows: Range<Int>) -> Image {
        let across = nearest(size: width, newSize: newWidth, kept: columns),
            down = nearest(size: height, newSize: newHeight, kept: rows)
        return pixels.withUnsafeBufferPointer { source in
            Image(width: columns.count, height: rows.count) { target in
                var to = target
                for row in down {
                    for column in across {
                        let from = 3 * (row * width + column)
                        for channel in 0..<3 { to[channel] = source[from + channel] }
                        to += 3
                    }
                }
            }
        }
    }

    /// As OpenCV's INTER_LINEAR on 8 bits: 11-bit weights, of whose products 4 and then 16 bits are cut off.
    /// https://github.com/opencv/opencv, modules/imgproc/src/resize.cpp, HResizeLinear and VResizeLinear
    func sampledBilinear(width newWidth: Int, height newHeight: Int, columns: Range<Int>, rows: Range<Int>) -> Image {
        if newWidth == width, newHeight == height { return cropped(columns: columns, rows: rows) }
        let across = columns.map { FixedPointSample(of: $0, size: width, newSize: newWidth, clampsWeights: true) }
        let down = rows.map { FixedPointSample(of: $0, size: height, newSize: newHeight, clampsWeights: false) }
        return pixels.withUnsafeBufferPointer { source in
            Image(width: columns.count, height: rows.count) { target in
                var to = target
                for row in down {
                    let upper = row.low * width, lower = row.high * width
                    for column in across {
                        for channel in 0..<3 {
                            func sum(_ row: Int) -> Int32 {
                                Int32(source[3 * (row + column.low) + channel]) * column.weights.low
                                    + Int32(source[3 * (row + column.high) + channel]) * column.weights.high
                            }
                            let above = (row.weights.low * (sum(upper) >> 4)) >> 16,
                                below = (row.weights.high * (sum(lower) >> 4)) >> 16
                            to[channel] = UInt8(truncatingIfNeeded: (above + below + 2) >> 2)
                        }
                        to += 3
                    }
                }
            }
        }
    }
}

/// The inputs of the outputs in `kept`. Pillow adds up the steps, with their rounding.
private func nearest(size: Int, newSize: Int, kept: Range<Int>) -> [Int] {
    let step = Double(size) / Double(newSize)
    var position = step * 0.5, inputs: [Int] = []
    for output in 0..<kept.upperBound {
        if output >= kept.lowerBound { inputs.append(min(Int(position), size - 1)) }
        position += step
    }
    return inputs
}

/// The two inputs of an output and their weights, in 2048ths.
private struct FixedPointSample {
    let low: Int, high: Int
    let weights: (low: Int32, high: Int32)

    /// - Parameter clampsWeights: whether an output beyond the outermost input has the weights 1 and 0 (OpenCV's
    ///   columns), or reads that input twice (its rows): their rounding differs.
    init(of output: Int, size: Int, newSize: Int, clampsWeights: Bool) {
        let scale = 1 / (Double(newSize) / Double(size))
        let position = Float((Double(output) + 0.5) * scale - 0.5)
        let floor = position.rounded(.down)
        var first = Int(floor), fraction = position - floor
        if clampsWeights, first < 0 || first >= size - 1 { (first, fraction) = (min(max(first, 0), size - 1), 0) }
        low = min(max(first, 0), size - 1)
        high = min(max(first + 1, 0), size - 1)
        weights = (
            Int32(((1 - fraction) * 2048).rounded(.toNearestOrEven)), Int32((fraction * 2048).rounded(.toNearestOrEven))
        )
    }
}
