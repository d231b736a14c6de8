import Network

/// Element-wise Grad-CAM: map = sum_k relu(g_k * A_k), pixel by pixel.
///
/// As the package pytorch-grad-cam has it, which names no paper.
public struct GradCAMElementWise: Method {
    public let info = MethodInfo(
        name: "gradcamelementwise", summary: "sum_k relu(g_k * A_k), pixel by pixel",
        paper: "pytorch-grad-cam")
    public let cost = Cost.gradients

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .gradients(layers) }

    public func explain(_ subject: Subject) throws -> RawMap {
        .channels(try subject.layers.map { try (subject.activation($0) * subject.gradient($0)).rectified })
    }
}
