import Network
import Platform

/// Deconvnet: dY/dinput, where a rectifier lets pass what is positive on the way back, whatever its own input was.
///
/// Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014, section 2.1.
public struct Deconvnet: Method {
    public let info = MethodInfo(
        name: "deconvnet", summary: "the gradient at the input, positive after every rectifier",
        paper: "Zeiler and Fergus 2014")
    public let cost = Cost.inputGradient
    public let sumsChannels = false, explainsLayers = false

    public init() {}

    public func obstacle(_ graph: Graph, _ layers: [Layer]) -> Wording? {
        graph.hasRectifier ? nil : "the network has no rectifier, so that it is the map of saliency (\(.methods))"
    }

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .inputGradient(graph) }

    public func explain(_ subject: Subject) throws -> RawMap { .input(try subject.inputGradient(.deconvnet)) }
}
