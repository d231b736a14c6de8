import ONNX
import Platform

/// The output of the file whose numbers are the scores.
public struct ChosenOutput: Sendable, Equatable {
    /// As the file names it.
    public let name: String
    /// Other outputs that have the form of scores and say something else.
    public let others: [String]
    /// Where this is an inner tensor: the output whose rows are chosen from it.
    public internal(set) var selection: String? = nil
    /// What is remarkable in its numbers.
    public internal(set) var remark: ScoresRemark? = nil
}

/// Chooses the output that is explained. Where the use is scores, it is the one that holds the class scores
/// (`OutputRanking`); where none does, a detector's or a segmentation's is taken (`DenseOutputs`).
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

    private let importer: Importer
    private let graph: GraphDef
    private let ranking: OutputRanking
    private let denseOutputs: DenseOutputs
    /// What the values of the graph are dressed in.
    let reader: DressingReader

    /// - Parameter image: the shape that is fed.
    init(_ importer: Importer, _ graph: GraphDef, image: Shape, labels: Int?) {
        (self.importer, self.graph) = (importer, graph)
        let decisions = Decisions(graph), reader = DressingReader(values: importer.values, nodes: importer.nodes)
        self.reader = reader
        ranking = OutputRanking(
            importer: importer, graph: graph, labels: labels, decisions: decisions, reader: reader)
        denseOutputs = DenseOutputs(
            importer: importer, graph: graph, decisions: decisions, reader: reader, image: image, labels: labels)
    }

    /// - Parameter name: what the user asks for, an output, any tensor, or the node that computes it; nil: the best.
    func output(named name: String?, for use: OutputUse) throws(NetworkError) -> Choice {
        let name = try name.map { name throws(NetworkError) in try tensor(named: name) }
        switch use {
        case .scores: return try scores(named: name)
        case .pixels, .boxes:
            if let dense = dense(named: name, for: use) { return dense }
            throw importer.faults.isEmpty || name.map { importer.tensors[$0] != nil } ?? false
                ? .noneForUse(use, outputs: found) : failure(name)
        case .similarity, .slice: return try numbers(named: name, for: use)
        }
    }

    /// The output, the tensor, or the first result of the node of a name.
    private func tensor(named name: String) throws(NetworkError) -> String {
        if graph.outputs.contains(where: { $0.name == name }) || importer.tensors[name] != nil { return name }
        if let node = importer.nodes.first(where: { $0.name == name }) { return importer.values[node.outputs[0]].name }
        let tensors = importer.values.lazy.map(\.name).filter {
            abs($0.utf8.count - name.utf8.count) <= max(1, name.utf8.count / 3)
        }
        throw .unknownOutput(
            name, nearest: nearest(to: name, in: Array(tensors.prefix(Self.mostCompared))), outputs: found)
    }

    /// Names that a wrong one is compared with.
    private static let mostCompared = 10_000

    private func dense(named name: String?, for use: OutputUse = .scores) -> Choice? {
        let found = use == .pixels ? nil : denseOutputs.boxes(named: name)
        return (found ?? (use == .boxes ? nil : denseOutputs.pixels(named: name, isAnyGrid: use == .pixels))).map {
            Choice(
                value: $0.value, output: .init(name: $0.name, others: $0.others, selection: $0.selection),
                form: $0.form, boxes: $0.boxes)
        }
    }

    /// What can be explained of the file's first outputs, and of what rows of one are chosen from.
    var offers: [OutputOffer] {
        var chosenFrom: [OutputOffer] = []
        let offers = graph.outputs.prefix(16).compactMap { output -> OutputOffer? in
            let dense = dense(named: output.name)
            if let dense, dense.output.selection != nil {
                let offer = OutputOffer(
                    name: dense.output.name, shape: importer.values[dense.value].shape, form: dense.form)
                if !chosenFrom.contains(offer) { chosenFrom.append(offer) }
            }
            guard case .value(_, let shape)? = importer.tensors[output.name] else { return nil }
            var form = OutputForm.numbers
            if dense?.output.selection == nil {
                form =
                    ranking.row(of: output.name).map {
                        ranking.candidate(output.name, $0).meaning == .notClasses ? .embedding : .classes
                    } ?? dense?.form ?? .numbers
            }
            return OutputOffer(name: output.name, shape: shape, form: form)
        }
        return chosenFrom + offers
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
            ? names.first { value(of: $0).map(importer.endsInUnitLength) ?? false }
                ?? names.first { OutputName($0).isOfOtherThings && !OutputName($0).isOfBoxes } : nil
        guard let chosen = likeliest ?? names.first, let value = value(of: chosen) else { throw failure(name) }
        guard use == .similarity || names.count == 1 else { throw .noneForUse(use, outputs: found) }
        // That a user names it is enough.
        let isGuess = use == .similarity && name == nil && likeliest == nil
        return Choice(
            value: value,
            output: .init(
                name: chosen, others: names.filter { $0 != chosen }, remark: isGuess ? .perhapsNoEmbedding : nil),
            form: use == .similarity ? .embedding : .numbers)
    }

    private func scores(named name: String?) throws(NetworkError) -> Choice {
        if let name {
            let isOutput = graph.outputs.contains { $0.name == name }
            if let dense = dense(named: name), dense.output.selection != nil { return dense }
            guard let value = ranking.row(of: name) else {
                if let dense = dense(named: name) { return dense }
                guard case .value(_, let shape)? = importer.tensors[name] else { throw failure(name) }
                throw .unknownForm(output: name, shape: shape)
            }
            let isOfClasses = !isOutput || ranking.candidate(name, value).meaning != .notClasses
            return Choice(
                value: value, output: .init(name: name, others: []), form: .classes, holdsClasses: isOfClasses)
        }
        guard graph.outputs.count < Self.mostLookedAt / max(importer.nodes.count, 1) else {
            throw .noScores(
                "the file has \(graph.outputs.count) outputs, too many to choose among; name the one with the scores "
                    + "(\(.output))")
        }
        var candidates: [OutputRanking.Candidate] = [], seen: Set<ValueID> = []
        for output in graph.outputs {
            guard let value = ranking.row(of: output.name), seen.insert(value).inserted else { continue }
            candidates.append(ranking.candidate(output.name, value))
        }
        let best = ranking.best(of: candidates)
        // The scores of the boxes that were chosen are a row, too.
        if !(best.map(ranking.isTold) ?? false), let dense = dense(named: nil), dense.output.selection != nil {
            return dense
        }
        if let best, ranking.lostOutranks(best, candidates) { throw failure(nil) }
        // One number is explained as such.
        guard let best, best.meaning != .notClasses || best.count == 1 || ranking.isTold(best) else {
            if let dense = dense(named: nil) { return dense }
            guard let best else { throw failure(nil) }
            throw .notClasses(output: best.name, shape: importer.values[best.value].shape, all: candidates.count == 1)
        }
        let others = candidates.filter { $0.root != best.root }.map(\.name)
        return Choice(value: best.value, output: .init(name: best.name, others: others), form: .classes)
    }

    /// Outputs times nodes.
    private static let mostLookedAt = 1 << 25

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
