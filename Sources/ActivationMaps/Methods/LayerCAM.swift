import Network

/// LayerCAM: map = sum_k relu(g_k) * A_k, pixel by pixel.
///
/// Jiang et al., "LayerCAM: Exploring Hierarchical Class Activation Maps for Localization", IEEE TIP 2021,
/// without the scaling of shallow layers by tanh (eq. 9).
public struct LayerCAM: Method {
    public let info = MethodInfo(
        name: "layercam", summary: "sum_k relu(g_k) * A_k, pixel by pixel", paper: "Jiang et al. 2021")
    public let cost = Cost.gradients

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .gradients(layers) }

    public func explain(_ subject: Subject) throws -> RawMap {
        .channels(try subject.layers.map { try subject.activation($0) * subject.gradient($0).rectified })
    }
}
