import Network

/// XGrad-CAM: w_k = sum_ij g_k A_k / (S_k + 1e-7) with S_k = sum_ij A_k; map = sum_k w_k A_k.
///
/// Fu et al., "Axiom-based Grad-CAM: Towards Accurate Visualization and Explanation of CNNs", BMVC 2020, arXiv
/// 2008.02312.
public struct XGradCAM: Method {
    public let info = MethodInfo(
        name: "xgradcam", summary: "sum_k w_k A_k, w_k = sum_ij g_k A_k / sum_ij A_k", paper: "Fu et al. 2020")
    public let cost = Cost.gradients

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .gradients(layers) }

    public func explain(_ subject: Subject) throws -> RawMap {
        .channels(
            try subject.layers.map { layer in
                let (a, g) = (try subject.activation(layer), try subject.gradient(layer))
                return a.weighted(by: zip((g * a).sums, a.sums).map { $0 / ($1 + 1e-7) })
            })
    }
}
