import Imaging
import Network

/// RefineCAM: the product of the layers' Grad-CAM++ maps, each rectified, normalised and enlarged.
///
/// Domeniconi et al., "How to Evaluate and Refine your CAM", arXiv 2605.14641, as the package pytorch-grad-cam has it.
public struct RefineCAM: Method {
    public let info = MethodInfo(
        name: "refinecam", summary: "product of several layers' gradcam++ maps; of one layer the same",
        paper: "Domeniconi et al. 2026")
    public let cost = Cost.gradients
    public var sumsChannels: Bool { false }

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .gradients(layers) }

    public func explain(_ subject: Subject) throws -> RawMap {
        let shape = subject.graph.inputShape
        guard case .channels(let maps) = try GradCAMPlusPlus().explain(subject) else {
            preconditionFailure("Grad-CAM++ sums over channels")
        }
        let planes = maps.map { Normalise().combine([$0.summed()], width: shape[3], height: shape[2]) }
        let product = planes.dropFirst().reduce(planes[0]) { product, plane in
            Plane(width: plane.width, height: plane.height, values: zip(product.values, plane.values).map(*))
        }
        return .planes([product])
    }
}
