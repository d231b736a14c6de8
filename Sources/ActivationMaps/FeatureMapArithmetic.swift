import Imaging
import Network
import Platform

extension FeatureMap {
    /// One channel's numbers, row-major.
    public func channel(_ index: Int) -> ArraySlice<Float> { values[index * area..<(index + 1) * area] }

    /// Every channel times a weight of its own.
    public func weighted(by weights: [Float]) -> FeatureMap {
        var result = self
        for (k, weight) in weights.enumerated() { for i in k * area..<(k + 1) * area { result.values[i] *= weight } }
        return result
    }

    /// Every number through a function.
    public func map(_ function: (Float) -> Float) -> FeatureMap {
        FeatureMap(channels: channels, height: height, width: width, values: values.map(function))
    }

    /// max(x, 0).
    public var rectified: FeatureMap { map { max($0, 0) } }

    /// The sum of every channel's numbers.
    public var sums: [Float] { (0..<channels).map { channel($0).reduce(0, +) } }

    /// The mean of every channel's numbers.
    public var means: [Float] { sums.map { $0 / Float(area) } }

    /// Every channel without its mean.
    public var centred: FeatureMap {
        var result = self
        for (k, mean) in means.enumerated() { for i in k * area..<(k + 1) * area { result.values[i] -= mean } }
        return result
    }

    /// The product, number by number.
    ///
    /// - Precondition: both are of one shape.
    public static func * (a: FeatureMap, b: FeatureMap) -> FeatureMap {
        precondition((a.channels, a.height, a.width) == (b.channels, b.height, b.width))
        var result = a
        for i in result.values.indices { result.values[i] *= b.values[i] }
        return result
    }

    /// Adds another's numbers, each times a factor.
    ///
    /// - Precondition: both are of one shape.
    public mutating func add(_ other: FeatureMap, times factor: Float = 1) {
        precondition((channels, height, width) == (other.channels, other.height, other.width))
        for i in values.indices { values[i] += factor * other.values[i] }
    }

    /// Some of the channels.
    public func channels(_ indices: [Int]) -> FeatureMap {
        FeatureMap(channels: indices.count, height: height, width: width, values: indices.flatMap { channel($0) })
    }

    /// The sum over the channels.
    func summed() -> Plane {
        var sum = [Float](repeating: 0, count: area)
        for k in 0..<channels { for i in 0..<area { sum[i] += values[k * area + i] } }
        return Plane(width: width, height: height, values: sum)
    }

    /// The greatest magnitude over the channels. Simonyan et al. 2014, section 3.1
    func strongest() -> Plane {
        var most = [Float](repeating: 0, count: area)
        for k in 0..<channels { for i in 0..<area { most[i] = max(most[i], abs(values[k * area + i])) } }
        return Plane(width: width, height: height, values: most)
    }
}

/// exp(x) / sum exp(x), computed relative to the maximum.
func softmax(_ x: [Float]) -> [Float] {
    let peak = x.max() ?? 0
    let powers = x.map { expf($0 - peak) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
}
