import Network
import Platform

/// What Score-CAM and its kin share: map = sum_k w_k A_k with w = softmax_k(f), f_k the score of the photo seen through
/// U_k, channel k enlarged and normalised (`FeatureMap.enlarge`).
///
/// A constant channel's mask lets nothing through, so that one empty mask tells f_k of all of these. It stands, too, for
/// the channels that `MethodOptions.channels` leaves out, those of the least standard deviation.
enum MaskScores {
    /// - Parameter scores: f of the masks that it is given, one a channel.
    static func map(_ subject: Subject, scores: (FeatureMap) throws -> [Float]) throws -> RawMap {
        var spread: (tried: Double, all: Double) = (0, 0), tried = 0, channels = 0
        let maps = try subject.layers.map { layer in
            let a = try subject.activation(layer), deviations = a.deviations
            let varying = (0..<a.channels).filter { k in !a.channel(k).allSatisfy { $0 == a.values[k * a.area] } }
            var masks = varying
            if let most = subject.options.channels, most < varying.count {
                masks = varying.sorted { deviations[$0] > deviations[$1] }.prefix(most).sorted()
            }
            spread.tried += masks.reduce(0) { $0 + deviations[$1] }
            spread.all += varying.reduce(0) { $0 + deviations[$1] }
            (tried, channels) = (tried + masks.count, channels + varying.count)

            let found = try scores(masks.count < a.channels ? a.channels(masks).withEmptyChannel : a)
            var f = [Float](repeating: found.last!, count: a.channels)
            for (k, score) in zip(masks, found) { f[k] = score }
            return a.weighted(by: softmax(f))
        }
        guard tried < channels else { return .channels(maps) }
        let share = (100 * spread.tried / spread.all).rounded()
        let remark: Wording = share.isFinite ? ", which have \(Int(share)) % of the spread" : ""
        return .remarked(.channels(maps), "\(tried) of \(channels) channels were tried" + remark)
    }

    /// The same with f_k the mean over some variants of the mask.
    ///
    /// - Parameters:
    ///   - variants: how many a mask.
    ///   - change: makes number `variant` of a mask (height x width), which is number `image` of all; called from several
    ///     threads.
    static func map(
        _ subject: Subject, variants: Int,
        _ change: @escaping @Sendable (_ variant: Int, _ image: Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws -> RawMap {
        let input = subject.input, shape = subject.graph.inputShape, area = shape[2] * shape[3]
        return try map(subject) { masks in
            let scores = try subject.scores(
                .written(masks.channels * variants) { image, pixels in
                    withUnsafeTemporaryAllocation(of: Float.self, capacity: area) { mask in
                        masks.enlarge(channel: image / variants, to: mask, width: shape[3], height: shape[2])
                        change(image % variants, image, mask)
                        for first in stride(from: 0, to: pixels.count, by: area) {
                            for i in 0..<area { pixels[first + i] = input[first + i] * mask[i] }
                        }
                    }
                })
            return (0..<masks.channels).map { k in
                scores[k * variants..<(k + 1) * variants].reduce(0, +) / Float(variants)
            }
        }
    }
}

extension FeatureMap {
    /// The standard deviation of every channel's numbers.
    fileprivate var deviations: [Double] {
        (0..<channels).map { k in
            let numbers = channel(k).map(Double.init), mean = numbers.reduce(0, +) / Double(area)
            return (numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(area)).squareRoot()
        }
    }

    /// One channel more, all zero.
    fileprivate var withEmptyChannel: FeatureMap {
        FeatureMap(
            channels: channels + 1, height: height, width: width,
            values: values + [Float](repeating: 0, count: area))
    }
}
