import Network

/// Seg-Eigen-CAM: the first principal component of abs(g) * A, its sign such that the number of the largest magnitude is
/// positive (`PrincipalComponent`).
///
/// Chung and Ying, "Seg-Eigen-CAM: Eigen-Value-Based Visual Explanations for Semantic Segmentation Models", Applied
/// Sciences 2025, eq. 10-13, doi 10.3390/app15137562.
public struct SegEigenCAM: Method {
    public let info = MethodInfo(
        name: "segeigencam", summary: "first principal component of abs(g) * A", paper: "Chung and Ying 2025")
    public let cost = Cost.gradients
    public var sumsChannels: Bool { false }

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .gradients(layers) }

    public func explain(_ subject: Subject) throws -> RawMap {
        .planes(
            try subject.layers.map { layer in
                let magnitude = try subject.gradient(layer).map(abs)
                return try PrincipalComponent.map(
                    of: magnitude * subject.activation(layer), within: subject.graph.limits.memory)
            })
    }
}
