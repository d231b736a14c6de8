// The resizes of pictures for numbers that are no 8-bit pixels: Pillow's filters as it applies them to pictures of mode F,
// and for the others the same places without rounding to 8 bits.

extension Raster {
    /// Only these columns and rows of the raster at another size, see `Image.resized`.
    func resized(
        width newWidth: Int, height newHeight: Int, by interpolation: Preprocessing.Interpolation, columns: Range<Int>,
        rows: Range<Int>
    ) -> Raster {
        let across = ExactResampling(size: width, newSize: newWidth, kept: columns, interpolation)
        let down = ExactResampling(size: height, newSize: newHeight, kept: rows, interpolation)
        var result: [Float] = []
        result.reserveCapacity(channels * rows.count * columns.count)
        for channel in 0..<channels {
            let plane = channel * width * height
            // Of each row that is read, the columns.
            var stretched: [Int: [Float]] = [:]
            for row in 0..<rows.count {
                let reads = down.first[row]..<down.first[row] + down.weights[row].count
                for known in stretched.keys where !reads.contains(known) { stretched[known] = nil }
                for y in reads where stretched[y] == nil {
                    stretched[y] = across.first.indices.map { i in
                        let first = plane + y * width + across.first[i]
                        return Self.sum(across.weights[i]) { values[first + $0] }
                    }
                }
                for column in 0..<columns.count {
                    result.append(
                        Self.sum(down.weights[row]) { stretched[reads.lowerBound + $0]![column] })
                }
            }
        }
        return Raster(width: columns.count, height: rows.count, channels: channels, values: result)
    }

    private static func sum(_ weights: [Double], _ number: (Int) -> Float) -> Float {
        var sum = 0.0
        for k in weights.indices { sum += Double(number(k)) * weights[k] }
        return Float(sum)
    }
}

/// The weights of one axis: output `i` is the sum over `k` of `weights[i][k] * input[first[i] + k]`.
private struct ExactResampling {
    private(set) var first: [Int] = [], weights: [[Double]] = []

    init(size: Int, newSize: Int, kept: Range<Int>, _ interpolation: Preprocessing.Interpolation) {
        let scale = Double(size) / Double(newSize)
        for output in kept {
            let centre = (Double(output) + 0.5) * scale
            guard size != newSize else {
                add(output, [1])
                continue
            }
            guard let filter = interpolation.filter else {
                let low = interpolation == .nearest ? centre.rounded(.down) : (centre - 0.5).rounded(.down)
                let fraction = interpolation == .nearest ? 0 : centre - 0.5 - low
                let place = min(max(Int(low), 0), size - 1)
                add(place, low < 0 || place == size - 1 || fraction == 0 ? [1] : [1 - fraction, fraction])
                continue
            }
            let reduction = max(scale, 1), support = filter.support * reduction
            let start = max(Int(centre - support + 0.5), 0), end = min(Int(centre + support + 0.5), size)
            let found = (start..<end).map { filter.weight((Double($0) - centre + 0.5) / reduction) }
            let sum = found.reduce(0, +)
            add(start, sum == 0 ? found : found.map { $0 / sum })
        }
    }

    private mutating func add(_ place: Int, _ list: [Double]) {
        first.append(place)
        weights.append(list)
    }
}
