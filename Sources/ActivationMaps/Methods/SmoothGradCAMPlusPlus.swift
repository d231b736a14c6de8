import Network

/// Smooth Grad-CAM++: with E the mean over noisy inputs, input + 0.3 * noise, and S_k = sum_ij A_k of the plain one,
/// a = E g^2 / (2 E g^2 + S_k E g^3 + 1e-6); w_k = sum_ij relu(E g) a; map = sum_k w_k A_k.
///
/// Omeiza et al., "Smooth Grad-CAM++: An Enhanced Inference Level Visualization Technique for Deep Convolutional Neural
/// Network Models", arXiv 1908.01224, eq. 6-8, with the numerator E g^2 of Grad-CAM++ and of the package torch-cam, not
/// E g.
public struct SmoothGradCAMPlusPlus: Method {
    private static let samples = 4, deviation: Float = 0.3

    public let info = MethodInfo(
        name: "smoothgradcam++", summary: "gradcam++ with gradients averaged over noisy photos",
        paper: "Omeiza et al. 2019")
    public let cost = Cost(passes: "1 + 4 forward, 4 backward", madeOf: "activations, gradients of noisy photos")
    public let minds: Set<MethodOptions.Kind> = [.samples, .seed]

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs {
        Needs.gradients(layers).union(Needs(images: Self.samples))
    }

    public func explain(_ subject: Subject) throws -> RawMap {
        let samples = subject.options.samples ?? Self.samples
        // Sums of g, g^2 and g^3 at every layer.
        var sums: [[FeatureMap]] = []
        try subject.forEachPass(samples) { sample in
            var generator = SeededGenerator(seed: subject.options.seed, stream: sample)
            let noisy = subject.input.map { $0 + Self.deviation * generator.gaussian() }
            for (layer, g) in try subject.gradients(at: noisy, of: subject.layers.map(\.value)).enumerated() {
                let powers = [g, g * g, g * g * g]
                if sample == 0 { sums.append(powers) } else { for p in 0..<3 { sums[layer][p].add(powers[p]) } }
            }
        }
        return .channels(
            try zip(subject.layers, sums).map { layer, sums in
                Self.map(try subject.activation(layer), sums.map { $0.map { $0 / Float(samples) } })
            })
    }

    private static func map(_ a: FeatureMap, _ means: [FeatureMap]) -> FeatureMap {
        let weights = zip(0..<a.channels, a.sums).map { k, sum in
            (k * a.area..<(k + 1) * a.area).reduce(Float(0)) { weight, i in
                let (first, second, third) = (means[0].values[i], means[1].values[i], means[2].values[i])
                return weight + max(first, 0) * second / (2 * second + sum * third + 1e-6)
            }
        }
        return a.weighted(by: weights)
    }
}
