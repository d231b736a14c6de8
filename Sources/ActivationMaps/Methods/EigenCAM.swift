import Network

/// Eigen-CAM: the first principal component of A, blind to the class (`PrincipalComponent`).
///
/// Muhammad and Yeasin, "Eigen-CAM: Class Activation Map using Principal Components", IJCNN 2020,
/// arXiv 2008.00299.
public struct EigenCAM: Method {
    public let info = MethodInfo(
        name: "eigencam", summary: "first principal component of A; blind to the class",
        paper: "Muhammad and Yeasin 2020")
    public let cost = Cost.activations
    public var sumsChannels: Bool { false }
    public let isClassBlind = true

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .activations(layers) }

    public func explain(_ subject: Subject) throws -> RawMap {
        .planes(
            try subject.layers.map {
                try PrincipalComponent.map(of: subject.activation($0), within: subject.graph.limits.memory)
            })
    }
}
