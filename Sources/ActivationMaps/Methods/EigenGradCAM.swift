import Network

/// Eigen-Grad-CAM: the first principal component of g * A (`PrincipalComponent`), as the package pytorch-grad-cam has
/// it.
///
/// After Muhammad and Yeasin, "Eigen-CAM: Class Activation Map using Principal Components", IJCNN 2020.
public struct EigenGradCAM: Method {
    public let info = MethodInfo(
        name: "eigengradcam", summary: "first principal component of g * A", paper: "Muhammad and Yeasin 2020")
    public let cost = Cost.gradients
    public var sumsChannels: Bool { false }

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .gradients(layers) }

    public func explain(_ subject: Subject) throws -> RawMap {
        .planes(
            try subject.layers.map {
                try PrincipalComponent.map(
                    of: subject.activation($0) * subject.gradient($0), within: subject.graph.limits.memory)
            })
    }
}
