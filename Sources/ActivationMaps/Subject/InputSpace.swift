import Imaging
import Network
import Platform

/// What methods ask for that make their maps at the network's input.
extension Subject {
    /// The input as a map.
    var inputMap: FeatureMap { overInput(input) }

    /// What stands for "nothing there", as the options have it.
    var baseline: FeatureMap {
        let x = inputMap
        return switch options.baseline {
        case .zero: x.map { _ in 0 }
        case .blur: x.blurred(sigma: x.widestBlur)
        case .white:
            preprocessing.isOfArray
                ? overInput(x.perChannel { $0.max() ?? 0 })
                : overInput((0..<x.channels * x.area).map { preprocessing.normalised(1, channel: $0 / x.area) })
        }
    }

    /// The photo as it is fed, in grey levels of 0..255: luma as ITU-R BT.601 weighs it, in OpenCV's whole numbers.
    var greyPhoto: Plane {
        let x = inputMap
        guard !preprocessing.isOfArray else { return x.greyLevels }
        func level(_ channel: Int, _ i: Int) -> Int {
            let value = min(max(255 * preprocessing.pixel(x.values[channel * x.area + i], channel: channel), 0), 255)
            // To the nearest, without a call of the C library for each.
            let whole = Int(value)
            return value - Float(whole) < 0.5 ? whole : whole + 1
        }
        let (red, blue) = preprocessing.channelOrder == .bgr ? (2, 0) : (0, 2)
        let grey = (0..<x.area).map { i -> Float in
            guard x.channels == 3 else { return Float(level(0, i)) }
            let luma = 9798 * level(red, i) + 19235 * level(1, i) + 3735 * level(blue, i)
            return Float((luma + 1 << 14) >> 15)
        }
        return Plane(width: x.width, height: x.height, values: grey)
    }

    /// dY/dinput at another input, by a pass of its own.
    func inputGradient(at input: [Float]) throws(NetworkError) -> FeatureMap {
        try gradients(at: input, of: [graph.input])[0]
    }

    /// dY by some values at another input, by a pass of its own.
    func gradients(at input: [Float], of values: [ValueID]) throws(NetworkError) -> [FeatureMap] {
        let run = try image.otherRun(input, recording: Recording(gradients: Set(values)))
        let gradients = try run.gradients([target.cotangent(run.scores[0])], at: values, rule: .plain)[0]
        return zip(values, gradients).map { graph.featureMap($1, at: $0) }
    }

    /// The same with what the network says of the class as Y, where Y is its logit and there is such a softmax or
    /// sigmoid; else the subject itself.
    var confident: Subject {
        guard case .logit(let category) = target else { return self }
        return switch graph.probability {
        case .softmax: with(target: .probability(category, .softmax))
        case .sigmoid: with(target: .probability(category, .sigmoid))
        case .output, .number, .share, .box: self
        }
    }

    /// What the network says of the class under many inputs, streamed: its softmax or sigmoid where it has one, else
    /// Y.
    func confidences(_ batch: Batch) throws(NetworkError) -> [Float] { try confident.scores(batch) }

    /// An attribution as a map, summed over the channels, and how complete it is: its sum against what Y rose by from
    /// the baseline. Sundararajan et al. 2017, proposition 1.
    func attribution(_ attribution: FeatureMap, from baseline: FeatureMap) throws(NetworkError) -> RawMap {
        let first = try scores(.written(1) { _, pixels in _ = pixels.update(fromContentsOf: baseline.values) })[0]
        let sum = attribution.values.reduce(0.0) { $0 + Double($1) }, rise = Double(score - first)
        func rounded(_ number: Double, _ digits: Double) -> Float { Float((number * digits).rounded() / digits) }
        var remark: Wording =
            "attributions sum to \(rounded(sum, 1000)), the score differs from the baseline's by \(rounded(rise, 1000))"
            + (sum * rise > 0 ? " (\(rounded(100 * sum / rise, 10)) %)" : "")
        if abs(sum - rise) > 0.05 * abs(rise) { remark = remark + "; more steps (\(.steps)) bring them together" }
        return .remarked(.planes([attribution.summed()]), remark)
    }

    private func overInput(_ values: [Float]) -> FeatureMap {
        graph.featureMap(Tensor(shape: graph.inputShape, values: values), at: graph.input)
    }
}

extension FeatureMap {
    /// A number of each channel at all of its places.
    fileprivate func perChannel(_ number: (ArraySlice<Float>) -> Float) -> [Float] {
        (0..<channels).flatMap { [Float](repeating: number(values[$0 * area..<($0 + 1) * area]), count: area) }
    }

    /// Numbers that are no pixels in levels of 0..255: the mean of all channels, each from its least number to its
    /// greatest.
    fileprivate var greyLevels: Plane {
        let (least, greatest) = (perChannel { $0.min() ?? 0 }, perChannel { $0.max() ?? 0 })
        let levels = values.indices.map { i in
            greatest[i] > least[i] ? (values[i] - least[i]) / (greatest[i] - least[i]) : 0
        }
        let means = (0..<area).map { i in
            (0..<channels).reduce(Float(0)) { $0 + levels[$1 * area + i] } / Float(channels)
        }
        return Plane(width: width, height: height, values: means.map { (255 * $0).rounded() })
    }
}
