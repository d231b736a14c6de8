import Network

/// Grad-CAM++: a = g^2 / (2 g^2 + S_k g^3 + 1e-6) with S_k = sum_ij A_k, 0 where g = 0;
/// w_k = sum_ij relu(g) a; map = sum_k w_k A_k.
///
/// Chattopadhay et al., "Grad-CAM++: Improved Visual Explanations for Deep Convolutional Networks", WACV 2018, eq. 19
/// and 10, with Y the logit itself, as the package pytorch-grad-cam has it.
public struct GradCAMPlusPlus: Method {
    public let info = MethodInfo(
        name: "gradcam++", summary: "activations weighted by their positive gradients, pixel by pixel",
        paper: "Chattopadhay et al. 2018")
    public let cost = Cost.gradients

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .gradients(layers) }

    public func explain(_ subject: Subject) throws -> RawMap {
        .channels(
            try subject.layers.map { layer in
                let (a, g) = (try subject.activation(layer), try subject.gradient(layer))
                return a.weighted(by: (0..<a.channels).map { k in Self.weight(a.channel(k), g.channel(k)) })
            })
    }

    private static func weight(_ a: ArraySlice<Float>, _ g: ArraySlice<Float>) -> Float {
        let sum = a.reduce(0, +)
        return g.reduce(0) { weight, d in
            guard d != 0 else { return weight }
            let alpha = d * d / (2 * d * d + sum * d * d * d + 1e-6)
            return weight + max(d, 0) * alpha
        }
    }
}
