import Network

/// Attention rollout: the class token's row of the product over the blocks of 0.5 I + 0.5 A, A the attention's
/// probabilities averaged over the heads; the mean row of the tokens that the scores read where they read several. Blind
/// to the class.
///
/// Abnar and Zuidema, "Quantifying Attention Flow in Transformers", ACL 2020, section 3, arXiv 2005.00928.
public struct AttentionRollout: Method {
    public let info = MethodInfo(
        name: "rollout", summary: "product over a transformer's blocks of 0.5 I + 0.5 attention; blind to the class",
        paper: "Abnar and Zuidema 2020")
    public let cost = Cost(passes: "1 forward", madeOf: "attention of all tokens", isShared: true)
    public let sumsChannels = false, explainsLayers = false
    public let isClassBlind = true

    public init() {}

    public func obstacle(_ graph: Graph, _ layers: [Layer]) -> Wording? { graph.attentionFault?.wording }

    public func needs(_ graph: Graph, _ layers: [Layer]) -> Needs {
        Needs(recording: Recording(values: graph.attentionValues))
    }

    public func explain(_ subject: Subject) throws -> RawMap {
        let map = try subject.graph.tokenAttention().map(identity: 0.5, share: 0.5) { block in
            block.mean(try subject.value(block.value).values)
        }
        return .planes([map])
    }
}
