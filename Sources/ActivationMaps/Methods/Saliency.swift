import Network

/// Saliency: map = max_c abs(dY/dinput_c), c the input's channels.
///
/// Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks: Visualising Image Classification Models and
/// Saliency Maps", ICLR workshop 2014, section 3.1.
public struct Saliency: Method {
    public let info = MethodInfo(
        name: "saliency", summary: "the gradient at the input, its greatest magnitude over the channels",
        paper: "Simonyan et al. 2014")
    public let cost = Cost.inputGradient
    public let sumsChannels = false, explainsLayers = false

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .inputGradient(graph) }

    public func explain(_ subject: Subject) throws -> RawMap { .input(try subject.inputGradient(.plain)) }
}
