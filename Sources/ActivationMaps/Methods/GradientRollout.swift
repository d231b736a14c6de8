import Network

/// Gradient rollout: the class token's row of R, which is I at first and becomes R + A' R at every block, A' the mean
/// over the heads of A * relu(dY/dA), A the attention's probabilities; the mean row of the tokens that the scores read
/// where they read several.
///
/// Chefer, Gur and Wolf, "Generic Attention-model Explainability for Interpreting Bi-Modal and Encoder-Decoder
/// Transformers", ICCV 2021, eq. 5 and 6, arXiv 2103.15679.
public struct GradientRollout: Method {
    public let info = MethodInfo(
        name: "gradientrollout", summary: "product over a transformer's blocks of I + attention * relu(its gradient)",
        paper: "Chefer et al. 2021")
    public let cost = Cost(passes: "1 forward, 1 backward of its own", madeOf: "attention of all tokens, gradients")
    public let sumsChannels = false, explainsLayers = false

    public init() {}

    public func obstacle(_ graph: Graph, _ layers: [Layer]) -> Wording? { graph.attentionFault?.wording }

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs {
        Needs(recording: Recording(gradients: graph.attentionValues))
    }

    public func explain(_ subject: Subject) throws -> RawMap {
        let attention = try subject.graph.tokenAttention(), values = attention.blocks.map(\.value)
        let gradients = Dictionary(uniqueKeysWithValues: zip(values, try subject.gradients(at: values)))
        let map = try attention.map(identity: 1, share: 1) { block in
            let a = try subject.value(block.value).values, g = gradients[block.value]!.values
            return block.mean(zip(a, g).map { $0 * max($1, 0) })
        }
        return .planes([map])
    }
}
