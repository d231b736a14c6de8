import Network
import Platform

/// Ablation-CAM: w_k = (Y - Y_k) / Y, Y_k with channel k of A set to zero; map = sum_k w_k A_k.
///
/// Desai and Ramaswamy, "Ablation-CAM: Visual Explanations for Deep Convolutional Network via Gradient-free
/// Localization", WACV 2020, eq. 4-5.
public struct AblationCAM: Method {
    public let info = MethodInfo(
        name: "ablationcam", summary: "activations weighted by the share of the score that is lost without them",
        paper: "Desai and Ramaswamy 2020")
    public let cost = Cost.fromLayer("C forward")

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .resumed(layers) }

    public func explain(_ subject: Subject) throws -> RawMap {
        let y = subject.score
        guard y != 0 else {
            let blank = try subject.layers.map { try subject.activation($0).map { _ in 0 } }
            return .remarked(
                .channels(blank), "the score is 0, of which no share can be lost; try another class or method")
        }
        let maps = RawMap.channels(
            try subject.layers.map { layer in
                let a = try subject.activation(layer)
                // What is zero everywhere adds nothing, whatever its weight.
                let present = (0..<a.channels).filter { k in a.channel(k).contains { $0 != 0 } }
                let scores = try subject.scores(replacing: layer, count: present.count) {
                    $1.clear(channel: present[$0])
                }
                var w = [Float](repeating: 0, count: a.channels)
                for (k, score) in zip(present, scores) { w[k] = (y - score) / y }
                return a.weighted(by: w)
            })
        return y > 0
            ? maps
            : .remarked(
                maps,
                "the number that is explained is below 0 (\(y)), of which shares are taken: what speaks for it shows as "
                    + "what speaks against it, and the other way round; take another method")
    }
}
