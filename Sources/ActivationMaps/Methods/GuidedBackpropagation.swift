import Network
import Platform

/// Guided backpropagation: dY/dinput, where a rectifier lets pass only what is positive on both ways.
///
/// Springenberg et al., "Striving for Simplicity: The All Convolutional Net", ICLR workshop 2015, section 3.4.
public struct GuidedBackpropagation: Method {
    public let info = MethodInfo(
        name: "guided", summary: "the gradient at the input, positive at every rectifier",
        paper: "Springenberg et al. 2015")
    public let cost = Cost.inputGradient
    public let sumsChannels = false, explainsLayers = false

    public init() {}

    public func obstacle(_ graph: Graph, _ layers: [Layer]) -> Wording? {
        graph.hasRectifier ? nil : "the network has no rectifier, so that it is the map of saliency (\(.methods))"
    }

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .inputGradient(graph) }

    public func explain(_ subject: Subject) throws -> RawMap { .input(try subject.inputGradient(.guided)) }
}
