import Network
import Platform

extension FeatureMap {
    /// The standard deviation in pixels of a blur after which little can be told: a fifth of the longer side.
    var widestBlur: Float { Float(max(width, height)) / 5 }

    /// Every channel blurred by a Gaussian of this standard deviation in pixels, cut off at four times that; the edges'
    /// pixels go on beyond them. As SciPy's `gaussian_filter(mode="nearest")`.
    func blurred(sigma: Float) -> FeatureMap {
        let radius = Int(4 * sigma + 0.5)
        guard radius > 0 else { return self }
        let powers = (-radius...radius).map { expf(-Float($0 * $0) / (2 * sigma * sigma)) }
        let sum = powers.reduce(0, +), kernel = powers.map { $0 / sum }
        let down = blurredDown(kernel, radius)
        return down.transposed.blurredDown(kernel, radius).transposed
    }

    /// Every column by itself.
    private func blurredDown(_ kernel: [Float], _ radius: Int) -> FeatureMap {
        var result = self
        result.values.withUnsafeMutableBufferPointer { target in
            values.withUnsafeBufferPointer { source in
                for row in 0..<channels * height {
                    let channel = row / height * height, to = row * width
                    for x in 0..<width { target[to + x] = 0 }
                    for (tap, weight) in kernel.enumerated() {
                        let from = (channel + min(max(row - channel + tap - radius, 0), height - 1)) * width
                        for x in 0..<width { target[to + x] += weight * source[from + x] }
                    }
                }
            }
        }
        return result
    }

    /// Rows become columns.
    private var transposed: FeatureMap {
        let values = (0..<channels * area).map { i in
            let (x, y) = (i % area / height, i % height)
            return self.values[i / area * area + y * width + x]
        }
        return FeatureMap(channels: channels, height: width, width: height, values: values)
    }
}
