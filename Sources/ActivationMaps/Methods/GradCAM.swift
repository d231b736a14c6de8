import Network

/// Grad-CAM: w_k = mean_ij(g_k), map = sum_k w_k A_k.
///
/// Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", ICCV 2017, eq.
/// 1-2.
public struct GradCAM: Method {
    public let name = "gradcam"
    public let summary = "activations weighted by their mean gradient (Selvaraju et al. 2017)"
    public let needsGradients = true

    public init() {}

    public func weightedActivations(_ evidence: Evidence) -> FeatureMap {
        let (a, g) = (evidence.activations, evidence.gradients!)
        return a.weighted(by: (0..<a.channels).map { k in g.channel(k).reduce(0, +) / Float(g.area) })
    }
}
