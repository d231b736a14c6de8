import ONNX

/// Rows of numbers that may be a photo's class scores, and which of them most likely is: by the number of labels that
/// are told, by its place (what another output is computed from with weights is features), its name, its closing
/// activation, and the length of the way to it (auxiliary heads leave earlier).
struct OutputRanking {
    struct Candidate {
        let name: String
        let value: ValueID
        let meaning: OutputName.Meaning
        /// What it says of classes: the value that its logits are, or its own.
        let root: ValueID
        let isProbability: Bool
        let count: Int
        /// Values that it is computed from.
        let ancestors: Set<ValueID>
    }

    let importer: Importer
    let graph: GraphDef
    /// How many classes have labels; nil: nobody tells.
    let labels: Int?
    let decisions: Decisions
    /// What the values of the graph are dressed in.
    let reader: DressingReader

    /// An output's row, [1, classes] or [1, classes, 1, 1], before a decision; nil where it has none.
    func row(of output: String) -> ValueID? {
        guard case .value(let id, let shape)? = importer.tensors[decisions.scores(decidedBy: output) ?? output],
            shape.rank >= 1, shape.isRow
        else { return nil }
        return id
    }

    func candidate(_ name: String, _ value: ValueID) -> Candidate {
        let dressing = reader.dressing(of: value)
        let isEmbedding = dressing == nil && importer.endsInUnitLength(value)
        let meaning = isEmbedding ? .notClasses : OutputName(name).meaning(isProbability: dressing?.exact == .softmax)
        return Candidate(
            name: name, value: value, meaning: meaning,
            root: importer.plain(dressing?.logits.flatMap { reader.logits.source($0) } ?? value),
            isProbability: dressing != nil || reader.bounds[value].isFraction,
            count: importer.values[value].shape.count, ancestors: importer.nodes.ancestors(of: value))
    }

    /// The likeliest; nil where there is none.
    func best(of candidates: [Candidate]) -> Candidate? {
        let ranks = candidates.map { rank($0, among: candidates) }
        let order = candidates.indices.sorted { a, b in
            ranks[a] == ranks[b] ? a < b : ranks[b].lexicographicallyPrecedes(ranks[a])
        }
        return order.first.map { candidates[$0] }
    }

    /// Whether the number of labels is its number of classes.
    func isTold(_ candidate: Candidate) -> Bool {
        labels == candidate.count || (candidate.count == 1 && labels == 2)
    }

    /// What speaks for an output, the weightiest first.
    private func rank(_ candidate: Candidate, among candidates: [Candidate]) -> [Int] {
        let rivals = candidates.filter {
            $0.root != candidate.root && $0.meaning.rawValue >= OutputName.Meaning.open.rawValue
        }
        // Features lead to scores over weights; what comes from scores without any is a statistic of theirs.
        let isFeatures = rivals.contains {
            $0.ancestors.contains(candidate.root) && hasWeights(from: candidate.root, to: $0)
        }
        let isStatistic = rivals.contains {
            candidate.ancestors.contains($0.root) && !hasWeights(from: $0.root, to: candidate)
        }
        return [
            isTold(candidate) ? 1 : 0, isFeatures || isStatistic ? 0 : 1, candidate.meaning.rawValue,
            candidate.count > 1 ? 1 : 0,
            candidate.isProbability && !OutputName(candidate.name).isOfOtherThings ? 1 : 0,
            OutputName(candidate.name).isMain ? 1 : 0,
            candidate.ancestors.count { importer.node($0)?.hasWeights ?? false },
        ]
    }

    private func hasWeights(from source: ValueID, to target: Candidate) -> Bool {
        let between = importer.nodes.descendants(of: [source]).intersection(target.ancestors).subtracting([source])
        return importer.nodes.contains { $0.hasWeights && !between.isDisjoint(with: $0.outputs) }
    }

    /// Whether an output that cannot be run may be the scores rather than the best of the others.
    func lostOutranks(_ best: Candidate, _ candidates: [Candidate]) -> Bool {
        guard !importer.faults.isEmpty, !isTold(best) else { return false }
        let place = graph.outputs.firstIndex { $0.name == best.name }!
        return graph.outputs.enumerated().contains { index, output in
            guard importer.lost.contains(output.name), row(of: output.name) == nil,
                output.shape.map({ $0.count <= 2 }) ?? true
            else { return false }
            func rank(_ name: String, _ meaning: OutputName.Meaning) -> (Int, Int) {
                (meaning.rawValue, OutputName(name).isMain ? 1 : 0)
            }
            let (own, others) = (
                rank(best.name, best.meaning), rank(output.name, OutputName(output.name).meaning(isProbability: false))
            )
            return others > own || (others == own && index < place)
        }
    }
}

extension LogitsTable {
    /// Before reshapes and other moves of a single value's numbers; nil where they are several values'.
    fileprivate func source(_ place: Place) -> ValueID? {
        var place = place
        while true {
            switch self[place] {
            case .value(let value): return value
            case .negative(let inner): place = inner
            case .moved(_, _, let operands):
                guard case let parts = operands.compactMap({ $0 }), parts.count == 1 else { return nil }
                place = parts[0]
            }
        }
    }
}
