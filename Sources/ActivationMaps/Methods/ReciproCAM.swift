import Imaging
import Network

/// Recipro-CAM: Y_p = Y with A kept at place p alone, all others set to zero; map at p = Y_p - min_p Y_p. Of tokens, the
/// class token is kept, too.
///
/// Byun and Lee, "Recipro-CAM: Fast gradient-free visual explanations for convolutional neural networks", arXiv
/// 2209.14074, eq. 1-3, and "ViT-ReciproCAM: Gradient and Attention-Free Visual Explanations for Vision Transformer",
/// arXiv 2310.02588, section 3; both without the Gaussian around the place.
public struct ReciproCAM: Method {
    public let info = MethodInfo(
        name: "reciprocam", summary: "the score of each place of A alone", paper: "Byun and Lee 2022")
    public let cost = Cost.fromLayer("P forward")
    public var sumsChannels: Bool { false }

    public init() {}

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs { .resumed(layers) }

    public func explain(_ subject: Subject) throws -> RawMap {
        .planes(
            try subject.layers.map { layer in
                let scores = try subject.scores(replacing: layer, count: layer.height * layer.width) {
                    $1.clear(allBut: $0)
                }
                let least = scores.min() ?? 0
                return Plane(width: layer.width, height: layer.height, values: scores.map { $0 - least })
            })
    }
}
