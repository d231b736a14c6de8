import Network

/// HiResCAM: map = sum_k g_k * A_k, pixel by pixel. Equals Grad-CAM where the head is an average pooling and a linear
/// layer.
///
/// Draelos and Carin, "Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional neural networks",
/// arXiv 2011.08891.
public struct HiResCAM: Method {
    public let info = MethodInfo(
        name: "hirescam", summary: "sum_k g_k * A_k, pixel by pixel", paper: "Draelos and Carin 2020")
    public let cost = Cost.gradients

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .gradients(layers) }

    public func explain(_ subject: Subject) throws -> RawMap {
        .channels(try subject.layers.map { try subject.activation($0) * subject.gradient($0) })
    }
}
