import Network
import Platform

/// Score-CAM: U_k = A_k upsampled to the input (corners aligned), min-max normalised; f_k = Y(input * U_k);
/// w = softmax_k(f); map = sum_k w_k A_k.
///
/// Wang et al., "Score-CAM: Score-Weighted Visual Explanations for Convolutional Neural Networks", CVPRW 2020, eq. 4-8.
public struct ScoreCAM: Method {
    public let name = "scorecam"
    public let summary = "activations weighted by the score of the photo seen through them (Wang et al. 2020)"
    public let needsGradients = false

    public init() {}

    public func weightedActivations(_ evidence: Evidence) throws -> FeatureMap {
        let a = evidence.activations
        let (width, height) = (evidence.inputWidth, evidence.inputHeight)
        // A channel that is constant masks everything: one pass of the empty photo stands for all of these.
        let constant = (0..<a.channels).map { k in a.channel(k).allSatisfy { $0 == a.values[k * a.area] } }
        let varying = constant.indices.filter { !constant[$0] }
        let passes = varying + (varying.count < a.channels ? [constant.firstIndex(of: true)!] : [])
        let scores = try evidence.scores(passes.count) { index, mask in
            upsample(a, channel: passes[index], to: mask, width: width, height: height)
        }
        var f = [Float](repeating: scores.last!, count: a.channels)
        for (k, score) in zip(varying, scores) { f[k] = score }
        return a.weighted(by: softmax(f))
    }
}

/// Writes a channel's mask: bilinear with aligned corners, then minus its minimum, over its new maximum + 1e-8.
private func upsample(
    _ a: FeatureMap, channel: Int, to mask: UnsafeMutableBufferPointer<Float>, width: Int, height: Int
) {
    func axis(_ source: Int, _ target: Int) -> [(low: Int, high: Int, weight: Float)] {
        let scale = target > 1 ? Float(source - 1) / Float(target - 1) : 0
        return (0..<target).map { index in
            let place = scale * Float(index)
            let low = min(Int(place), source - 1)
            return (low, min(low + 1, source - 1), place - Float(low))
        }
    }
    let columns = axis(a.width, width)
    var (least, most) = (Float.infinity, -Float.infinity)
    a.values.withUnsafeBufferPointer { values in
        let map = values.baseAddress! + channel * a.area
        for (y, row) in axis(a.height, height).enumerated() {
            let (upper, lower) = (map + row.low * a.width, map + row.high * a.width)
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

/// exp(x) / sum exp(x), computed relative to the maximum.
func softmax(_ x: [Float]) -> [Float] {
    let peak = x.max() ?? 0
    let powers = x.map { expf($0 - peak) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
}
