import Network

/// Grad-CAM: w_k = mean_ij(g_k), map = sum_k w_k A_k.
///
/// Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", ICCV 2017, eq.
/// 1-2.
public struct GradCAM: Method {
    public let info = MethodInfo(
        name: "gradcam", summary: "activations weighted by their mean gradient", paper: "Selvaraju et al. 2017")
    public let cost = Cost.gradients

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .gradients(layers) }

    public func explain(_ subject: Subject) throws -> RawMap {
        .channels(
            try subject.layers.map { layer in
                let (a, g) = (try subject.activation(layer), try subject.gradient(layer))
                return a.weighted(by: g.means)
            })
    }
}
