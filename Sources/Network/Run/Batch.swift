/// Images whose scores are wanted.
public enum Batch: Sendable {
    /// So many images, of which the closure writes number i (channels x height x width); called from several threads.
    case written(Int, @Sendable (Int, UnsafeMutableBufferPointer<Float>) -> Void)
    /// An image (channels x height x width) under a mask for each channel of a map: the channel, enlarged to the
    /// image's size (see `FeatureMap.enlarge`), by which every channel of the image is multiplied.
    case masked([Float], by: FeatureMap)

    /// How many images there are.
    public var count: Int {
        switch self {
        case .written(let count, _): count
        case .masked(_, let map): map.channels
        }
    }
}

extension FeatureMap {
    /// Writes a channel as a mask: bilinear with aligned corners, then (x - min) / (max(x - min) + 1e-8). Wang et al.
    /// 2020, eq. 4-5.
    ///
    /// - Parameter mask: height x width.
    package func enlarge(channel: Int, to mask: UnsafeMutableBufferPointer<Float>, width: Int, height: Int) {
        func axis(_ source: Int, _ target: Int) -> [(low: Int, high: Int, weight: Float)] {
            let scale = target > 1 ? Float(source - 1) / Float(target - 1) : 0
            return (0..<target).map { index in
                let place = scale * Float(index)
                let low = min(Int(place), source - 1)
                return (low, min(low + 1, source - 1), place - Float(low))
            }
        }
        let columns = axis(self.width, width)
        var (least, most) = (Float.infinity, -Float.infinity)
        values.withUnsafeBufferPointer { values in
            let map = values.baseAddress! + channel * area
            for (y, row) in axis(self.height, height).enumerated() {
                let (upper, lower) = (map + row.low * self.width, map + row.high * self.width)
                for (x, column) in columns.enumerated() {
                    let top = upper[column.low] * (1 - column.weight) + upper[column.high] * column.weight
                    let bottom = lower[column.low] * (1 - column.weight) + lower[column.high] * column.weight
                    let value = top * (1 - row.weight) + bottom * row.weight
                    mask[y * width + x] = value
                    (least, most) = (min(least, value), max(most, value))
                }
            }
        }
        let range = most - least + 1e-8
        for i in mask.indices { mask[i] = (mask[i] - least) / range }
    }
}
