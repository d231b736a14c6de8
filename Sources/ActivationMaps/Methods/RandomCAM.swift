import Network

/// A control: w_k uniform in -1..1, for every layer from the subject's seed; map = sum_k w_k A_k, or, where that is
/// nowhere above 0, its negative, which is as random. What a method shows and this does not is its own.
public struct RandomCAM: Method {
    public let info = MethodInfo(
        name: "randomcam", summary: "sum_k w_k A_k, w_k at random (a control)", paper: "pytorch-grad-cam")
    public let cost = Cost.activations
    public let isClassBlind = true
    public let minds: Set<MethodOptions.Kind> = [.seed]

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .activations(layers) }

    public func explain(_ subject: Subject) throws -> RawMap {
        .channels(
            try subject.layers.map { layer in
                var generator = SeededGenerator(seed: subject.options.seed)
                let a = try subject.activation(layer)
                let w = (0..<a.channels).map { _ in Float.random(in: -1...1, using: &generator) }
                let map = a.weighted(by: w)
                return map.summed().values.contains { $0 > 0 } ? map : a.weighted(by: w.map { -$0 })
            })
    }
}
