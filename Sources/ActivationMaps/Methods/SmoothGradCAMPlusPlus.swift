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
    public let cost = Cost(passes: "1 + 4 forward, 4 backward", needs: "activations, gradients of noisy photos")

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs {
        Needs.gradients(layers).union(Needs(images: Self.samples))
    }

    public func explain(_ subject: Subject) throws -> RawMap {
        let gradients = try (0..<(subject.options.samples ?? Self.samples)).map { sample in
            var generator = SeededGenerator(seed: subject.options.seed, stream: sample)
            let noisy = try subject.with(input: subject.input.map { $0 + Self.deviation * generator.gaussian() })
            return try subject.layers.map { try noisy.gradient($0) }
        }
        return .channels(
            try subject.layers.enumerated().map { index, layer in
                Self.map(try subject.activation(layer), gradients.map { $0[index] })
            })
    }

    private static func map(_ a: FeatureMap, _ gradients: [FeatureMap]) -> FeatureMap {
        func mean(at i: Int, _ power: (Float) -> Float) -> Float {
            gradients.reduce(0) { $0 + power($1.values[i]) } / Float(gradients.count)
        }
        let weights = zip(0..<a.channels, a.sums).map { k, sum in
            (k * a.area..<(k + 1) * a.area).reduce(Float(0)) { weight, i in
                let (first, second, third) = (mean(at: i) { $0 }, mean(at: i) { $0 * $0 }, mean(at: i) { $0 * $0 * $0 })
                return weight + max(first, 0) * second / (2 * second + sum * third + 1e-6)
            }
        }
        return a.weighted(by: weights)
    }
}
