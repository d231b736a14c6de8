import Network

/// Finer-CAM: Grad-CAM of Y = sum_t p_t (y_c - y_t) / (sum_t p_t + 1e-9), t the three classes whose logits are nearest
/// to the class's, p the softmax.
///
/// Zhang et al., "Finer-CAM: Spotting the Difference Reveals Finer Details for Visual Explanation", CVPR 2025, arXiv
/// 2501.11309, weighted as in the package pytorch-grad-cam.
public struct FinerCAM: Method {
    public let info = MethodInfo(
        name: "finercam", summary: "gradcam of the class against the three nearest to it", paper: "Zhang et al. 2025")
    public let cost = Cost.ownGradients
    public let needsLogit = true

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .gradients(layers) }

    public func obstacle(_ graph: Graph, _ layers: [Layer]) -> Wording? {
        graph.form == .classes
            ? nil : "it explains a class against others, and this network's output is no row of classes"
    }

    public func explain(_ subject: Subject) throws -> RawMap {
        guard case .logit(let category) = subject.target else { throw TargetFault(method: name) }
        return try GradCAM().explain(subject.with(target: .weights(Self.derivative(subject.logits, category))))
    }

    /// dY/dy, with Z = sum_t p_t + 1e-9: dY/dp_t = (y_c - y_t - Y) / Z, through the softmax's own derivative.
    private static func derivative(_ y: [Float], _ c: Int) -> [Float] {
        let p = softmax(y)
        let nearest = y.indices.filter { $0 != c }.sorted { abs(y[$0] - y[c]) < abs(y[$1] - y[c]) }.prefix(3)
        let z = nearest.reduce(1e-9) { $0 + p[$1] }
        let value = nearest.reduce(0) { $0 + p[$1] * (y[c] - y[$1]) } / z
        let pull = nearest.reduce(0) { $0 + p[$1] * (y[c] - y[$1] - value) / z }
        var result = p.map { -$0 * pull }
        for t in nearest {
            result[c] += p[t] / z
            result[t] += p[t] * (y[c] - y[t] - value - 1) / z
        }
        return result
    }
}
