import Network
import Platform

/// KPCA-CAM: the first component of a kernel principal component analysis of A with the mean of every channel
/// subtracted, by the kernel tanh(x . y / C + 1); blind to the class (`PrincipalComponent`).
///
/// Karmani et al., "KPCA-CAM: Visual Explainability of Deep Computer Vision Models Using Kernel PCA", MMSP 2024, arXiv
/// 2410.00267, with the kernel that the package pytorch-grad-cam takes.
public struct KPCACAM: Method {
    public let info = MethodInfo(
        name: "kpcacam", summary: "first kernel principal component of A (sigmoid kernel); blind to the class",
        paper: "Karmani et al. 2024")
    public let cost = Cost.activations
    public var sumsChannels: Bool { false }
    public let isClassBlind = true

    public init() {}

    public func obstacle(_ graph: Graph, _ layers: [Layer]) -> Wording? {
        layers.lazy.compactMap { PrincipalComponent.fault(places: $0.height * $0.width) }.first
    }

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .activations(layers) }

    public func explain(_ subject: Subject) throws -> RawMap {
        .planes(
            try subject.layers.map { layer in
                let a = try subject.activation(layer)
                return try PrincipalComponent.map(of: a, within: subject.graph.limits.memory) {
                    tanh($0 / Double(a.channels) + 1)
                }
            })
    }
}
