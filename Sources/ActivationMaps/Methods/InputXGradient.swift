import Network

/// Gradient x input: map = sum_c x_c dY/dx_c, c the channels of the input x.
///
/// Shrikumar, Greenside, Shcherbina and Kundaje, "Not Just a Black Box: Learning Important Features Through Propagating
/// Activation Differences", 2016, section 2.
public struct InputXGradient: Method {
    public let info = MethodInfo(
        name: "inputxgradient", summary: "the input times its gradient, summed over the channels",
        paper: "Shrikumar et al. 2016")
    public let cost = Cost.inputGradient
    public let sumsChannels = false, explainsLayers = false

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .inputGradient(graph) }

    public func explain(_ subject: Subject) throws -> RawMap {
        .planes([(subject.inputMap * (try subject.inputGradient(.plain))).summed()])
    }
}
