import ONNX
import Platform

/// The output of the file whose numbers are the scores.
public struct ChosenOutput: Sendable, Equatable {
    /// As the file names it.
    public let name: String
    /// Other outputs that have the form of scores and say something else.
    public let others: [String]
    /// What is remarkable in its numbers.
    public internal(set) var remark: ScoresRemark? = nil
}

/// Chooses the output that is explained. Where the use is scores, it is the one that holds the class scores: by the
/// number of labels that are told, by its place (what another output is computed from with weights is features), its
/// name, its closing activation, and the length of the way to it (auxiliary heads leave earlier). Where none does, a
/// detector's or a segmentation's is taken.
struct OutputChoice {
    struct Choice {
        let value: ValueID
        let output: ChosenOutput
        let form: OutputForm
        /// Whether nothing speaks against it that these are classes.
        var holdsClasses = true
        /// Four numbers a row that belong before the value's own.
        var boxes: ValueID? = nil
    }

    private struct Candidate {
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

    private let importer: Importer
    private let graph: GraphDef
    private let labels: Int?
    private let decisions: Decisions
    /// What the values of the graph are dressed in.
    let reader: DressingReader
    /// Of the image that is fed.
    private let image: Shape

    init(_ importer: Importer, _ graph: GraphDef, image: Shape, labels: Int?) {
        (self.importer, self.graph, self.image, self.labels) = (importer, graph, image, labels)
        decisions = Decisions(graph)
        reader = DressingReader(values: importer.values, nodes: importer.nodes)
    }

    /// - Parameter name: what the user asks for, an output or any tensor; nil: the best.
    func output(named name: String?, for use: OutputUse) throws(NetworkError) -> Choice {
        if let name, !graph.outputs.contains(where: { $0.name == name }), importer.tensors[name] == nil {
            throw .unknownOutput(name, outputs: found)
        }
        switch use {
        case .scores: return try scores(named: name)
        case .pixels, .boxes:
            if let dense = dense(named: name, for: use) { return dense }
            throw importer.faults.isEmpty || name.map { importer.tensors[$0] != nil } ?? false
                ? .noneForUse(use, outputs: found) : failure(name)
        case .similarity, .slice: return try numbers(named: name, for: use)
        }
    }

    private var denseOutputs: DenseOutputs {
        DenseOutputs(
            importer: importer, graph: graph, decisions: decisions, reader: reader, image: image, labels: labels)
    }

    private func dense(named name: String?, for use: OutputUse = .scores) -> Choice? {
        let outputs = denseOutputs
        let found = use == .pixels ? nil : outputs.boxes(named: name)
        return (found ?? (use == .boxes ? nil : outputs.pixels(named: name, isAnyGrid: use == .pixels))).map {
            Choice(value: $0.value, output: .init(name: $0.name, others: $0.others), form: $0.form, boxes: $0.boxes)
        }
    }

    /// What can be explained of the file's first outputs.
    var offers: [OutputOffer] {
        graph.outputs.prefix(16).compactMap { output in
            guard case .value(_, let shape)? = importer.tensors[output.name] else { return nil }
            let form: OutputForm
            if let value = value(of: output.name) {
                form = candidate(output.name, value).meaning == .notClasses ? .embedding : .classes
            } else {
                form = dense(named: output.name)?.form ?? .numbers
            }
            return OutputOffer(name: output.name, shape: shape, form: form)
        }
    }

    /// A tensor as it stands.
    private func numbers(named name: String?, for use: OutputUse) throws(NetworkError) -> Choice {
        func value(of name: String) -> ValueID? {
            if case .value(let id, _)? = importer.tensors[name] { id } else { nil }
        }
        let names =
            name.map { [$0] }
            ?? graph.outputs.map(\.name).filter { name in
                guard let value = value(of: name) else { return false }
                let shape = importer.values[value].shape
                return use == .slice || shape.isRow
            }
        let likeliest =
            use == .similarity
            ? names.first { value(of: $0).map(endsInUnitLength) ?? false }
                ?? names.first { OutputName($0).isOfOtherThings && !OutputName($0).isOfBoxes } : nil
        guard let chosen = likeliest ?? names.first, let value = value(of: chosen) else { throw failure(name) }
        guard use == .similarity || names.count == 1 else { throw .noneForUse(use, outputs: found) }
        return Choice(
            value: value, output: .init(name: chosen, others: names.filter { $0 != chosen }),
            form: use == .similarity ? .embedding : .numbers)
    }

    private func scores(named name: String?) throws(NetworkError) -> Choice {
        if let name {
            let isOutput = graph.outputs.contains { $0.name == name }
            guard let value = value(of: name) else {
                if let dense = dense(named: name) { return dense }
                guard case .value(_, let shape)? = importer.tensors[name] else { throw failure(name) }
                throw .unknownForm(output: name, shape: shape)
            }
            let isOfClasses = !isOutput || candidate(name, value).meaning != .notClasses
            return Choice(
                value: value, output: .init(name: name, others: []), form: .classes, holdsClasses: isOfClasses)
        }
        guard graph.outputs.count < Self.mostLookedAt / max(importer.nodes.count, 1) else {
            throw .noScores(
                "the file has \(graph.outputs.count) outputs, too many to choose among; name the one with the scores "
                    + "(\(.output))")
        }
        var candidates: [Candidate] = [], seen: Set<ValueID> = []
        for output in graph.outputs {
            guard let value = value(of: output.name), seen.insert(value).inserted else { continue }
            candidates.append(candidate(output.name, value))
        }
        let best = best(of: candidates)
        if let best, lostOutranks(best, candidates) { throw failure(nil) }
        // One number is explained as such.
        guard let best, best.meaning != .notClasses || best.count == 1 || isToldBy(labels, best) else {
            if let dense = dense(named: nil) { return dense }
            guard let best else { throw failure(nil) }
            throw .notClasses(output: best.name, shape: importer.values[best.value].shape, all: candidates.count == 1)
        }
        let others = candidates.filter { $0.root != best.root }.map(\.name)
        return Choice(value: best.value, output: .init(name: best.name, others: others), form: .classes)
    }

    /// Outputs times nodes.
    private static let mostLookedAt = 1 << 25

    /// A value of the form [1, classes] (or [1, classes, 1, 1]), before a decision.
    private func value(of output: String) -> ValueID? {
        guard case .value(let id, let shape)? = importer.tensors[decisions.scores(decidedBy: output) ?? output],
            shape.rank >= 1,
            shape.isRow
        else { return nil }
        return id
    }

    private func candidate(_ name: String, _ value: ValueID) -> Candidate {
        let dressing = reader.dressing(of: value)
        let isEmbedding = dressing == nil && endsInUnitLength(value)
        let meaning = isEmbedding ? .notClasses : OutputName(name).meaning(isProbability: dressing?.exact == .softmax)
        return Candidate(
            name: name, value: value, meaning: meaning,
            root: plain(dressing?.logits.flatMap { reader.logits.source($0) } ?? value),
            isProbability: dressing != nil || reader.bounds[value].isFraction,
            count: importer.values[value].shape.count, ancestors: ancestors(of: value))
    }

    /// Values that one is computed from (which counts itself).
    private func ancestors(of value: ValueID) -> Set<ValueID> {
        var (ancestors, waiting): (Set<ValueID>, [ValueID]) = ([value], [value])
        while let value = waiting.popLast() {
            for operand in node(value)?.operands.compactMap({ $0?.value }) ?? []
            where ancestors.insert(operand).inserted { waiting.append(operand) }
        }
        return ancestors
    }

    /// Before reshapes and roundings.
    private func plain(_ value: ValueID) -> ValueID {
        var value = value
        while let node = importer.values[value].producer.map({ importer.nodes[$0] }),
            node.op.isView || node.op is Quantize,
            let before = node.operands[0]?.value
        { value = before }
        return value
    }

    // MARK: Ranking

    private func best(of candidates: [Candidate]) -> Candidate? {
        let ranks = candidates.map { rank($0, among: candidates) }
        let order = candidates.indices.sorted { a, b in
            ranks[a] == ranks[b] ? a < b : ranks[b].lexicographicallyPrecedes(ranks[a])
        }
        return order.first.map { candidates[$0] }
    }

    private func isToldBy(_ labels: Int?, _ candidate: Candidate) -> Bool {
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
            isToldBy(labels, candidate) ? 1 : 0, isFeatures || isStatistic ? 0 : 1, candidate.meaning.rawValue,
            candidate.count > 1 ? 1 : 0,
            candidate.isProbability && !OutputName(candidate.name).isOfOtherThings ? 1 : 0,
            OutputName(candidate.name).isMain ? 1 : 0,
            candidate.ancestors.count { node($0)?.hasWeights ?? false },
        ]
    }

    private func hasWeights(from source: ValueID, to target: Candidate) -> Bool {
        let between = importer.nodes.descendants(of: [source]).intersection(target.ancestors).subtracting([source])
        return importer.nodes.contains { $0.hasWeights && !between.isDisjoint(with: $0.outputs) }
    }

    /// Whether an output that cannot be run may be the scores rather than the best of the others.
    private func lostOutranks(_ best: Candidate, _ candidates: [Candidate]) -> Bool {
        guard !importer.faults.isEmpty, !isToldBy(labels, best) else { return false }
        let place = graph.outputs.firstIndex { $0.name == best.name }!
        return graph.outputs.enumerated().contains { index, output in
            guard importer.lost.contains(output.name), value(of: output.name) == nil,
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

    // MARK: Embeddings

    /// No norm is spelled longer.
    private static let steps = 16

    /// Whether a value ends in x / |x|: an embedding of length 1.
    private func endsInUnitLength(_ value: ValueID) -> Bool {
        var value = plain(value)
        for _ in 0..<Self.steps {
            guard let node = node(value) else { return false }
            let operands = node.operands.compactMap { $0?.value }
            if operands.count == 2, node.pair == .mul || node.pair == .div {
                return isLength(operands[1], of: operands[0])
                    || (node.pair == .mul && isLength(operands[0], of: operands[1]))
            }
            guard operands.count == 1, node.pair == .mul || node.pair == .div || node.isClip else { return false }
            value = plain(operands[0])
        }
        return false
    }

    /// Whether a value is |x|, its square or its reciprocal, which may be kept from 0.
    private func isLength(_ value: ValueID, of x: ValueID) -> Bool {
        var value = value
        for _ in 0..<Self.steps {
            guard let node = node(value), let before = node.operands.lazy.compactMap({ $0?.value }).last else {
                return false
            }
            if node.reduction == .l2 || node.reduction == .sumSquare { return before == x }
            if node.reduction == .sum {
                guard let square = self.node(before), square.pair == .mul || square.pair == .pow else { return false }
                return square.operands.compactMap { $0?.value }.allSatisfy { $0 == x }
            }
            let isRootOrInverse =
                node.function == .sqrt || node.function == .reciprocal || node.pair == .pow || node.pair == .div
            guard let inner = isRootOrInverse || node.op is Where ? before : node.keptFromZero else { return false }
            value = inner
        }
        return false
    }

    private func node(_ value: ValueID) -> Graph.Node? { importer.values[value].producer.map { importer.nodes[$0] } }

    // MARK: Failures

    private var found: [String] {
        graph.outputs.map {
            "\($0.name.elided(to: 40)) \(importer.tensors[$0.name].map { "\($0.shape)" } ?? "missing")"
        }
    }

    private func failure(_ name: String?) -> NetworkError {
        let faults = importer.faults
        if let first = faults.first { return faults.count == 1 ? first : .several(faults) }
        if graph.outputs.isEmpty { return .noScores("the file has no output") }
        let shapes: Wording =
            name.map { "output '\($0)' is not of shape [batch, classes]; the outputs are \(names: found, quote: "")" }
            ?? "the outputs are \(names: found, quote: "")"
        // Rows that one photo cannot make up are another size's pixels.
        let isCut = graph.outputs.contains { output in
            importer.tensors[output.name].map { $0.shape.rank == 2 && $0.shape[0] > 1 } ?? false
        }
        return .noScores(
            shapes
                + (isCut
                    ? " for one photo; if the network was exported for another input size, give that one "
                        + "(\(.inputSize))"
                    : ""))
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
