import ONNX

/// How scores become probabilities.
public enum Probability: Sendable {
    /// exp(y) / sum exp(y): one class of many.
    case softmax
    /// 1 / (1 + exp(-y)): each class for itself.
    case sigmoid
}

/// The value of the class scores, and how they become probabilities.
struct Scores {
    var value: ValueID
    var probability: Probability
}

extension Importer {
    /// The class scores: the output of that name, or the first one of the form [1, classes] (or [1, classes, 1, 1]); what a closing decision
    /// (ArgMax, TopK, a table of labels) reads; before a closing activation. One score alone, y, stands for two classes, negative (-y)
    /// and positive (y).
    ///
    /// - Throws: what cannot be run, where the scores depend on it.
    mutating func scores(_ graph: GraphDef, named name: String?) throws(NetworkError) -> Scores {
        let found = graph.outputs.map { "\($0.name) \(tensors[$0.name].map { "\($0.shape)" } ?? "missing")" }.joined(separator: ", ")
        let decisions = Decisions(graph)
        func candidate(_ output: String) -> ValueID? {
            guard case .value(let id, let shape)? = tensors[decisions.scores(behind: output) ?? output], shape.rank >= 1, shape.count == shape.dims.max()
            else { return nil }
            return id
        }
        if let name, !graph.outputs.contains(where: { $0.name == name }), tensors[name] == nil { throw .unknownOutput(name, outputs: found) }
        var chosen: ValueID?
        for output in name.map({ [$0] }) ?? graph.outputs.map(\.name) {
            chosen = candidate(output)
            if chosen != nil || (lost.contains(output) && !faults.isEmpty) { break }
        }
        guard let scores = chosen else {
            if let first = faults.first { throw faults.count == 1 ? first : .several(faults) }
            throw .noScores(name.map { "output '\($0)' is not of shape [batch, classes]; the outputs are \(found)" } ?? "the outputs are \(found)")
        }
        var result = Scores(value: scores, probability: .softmax)
        // Behind the activation there may stand reshapes; they are looked through only to find one.
        var value = scores
        while let producer = values[value].producer, case .value(let before)? = nodes[producer].operands.first ?? nil {
            if let probability = Self.closingActivations[nodes[producer].opType] {
                result = Scores(value: before, probability: probability)
                break
            }
            guard nodes[producer].op.isView else { break }
            value = before
        }
        return values[result.value].shape.count == 1 ? try bothSides(of: result.value) : result
    }

    private static let closingActivations: [String: Probability] = ["Softmax": .softmax, "LogSoftmax": .softmax, "Sigmoid": .sigmoid]

    private mutating func bothSides(of score: ValueID) throws(NetworkError) -> Scores {
        // Names that no file can hold.
        let (positive, negative, both) = ("\0positive", "\0negative", "\0scores")
        tensors["\0score"] = .value(score, values[score].shape)
        tensors["\0form"] = .integers(Shape([2]), [1, 1])
        for node in [
            NodeDef(name: "positive", opType: "Reshape", inputs: ["\0score", "\0form"], outputs: [positive]),
            NodeDef(name: "negative", opType: "Neg", inputs: [positive], outputs: [negative]),
            NodeDef(name: "scores", opType: "Concat", inputs: [negative, positive], outputs: [both], attributes: ["axis": .int(1)]),
        ] { add(node, opset: 13) }
        guard case .value(let value, _)? = tensors[both] else { throw .noScores("the only score is a constant") }
        return Scores(value: value, probability: .sigmoid)
    }
}

/// What stands behind the scores in files that give a decision: the best class, its label, a table of labels and scores.
private struct Decisions {
    private let producers: [String: NodeDef]

    init(_ graph: GraphDef) {
        producers = Dictionary(graph.nodes.flatMap { node in node.outputs.map { ($0, node) } }) { first, _ in first }
    }

    private static let deciding: Set = ["ArgMax", "Hardmax", "TopK", "ai.onnx.ml.Normalizer", "ai.onnx.ml.ZipMap"]
    private static let passing: Set = [
        "Cast", "Flatten", "Gather", "Identity", "Reshape", "Slice", "Squeeze", "Unsqueeze", "ai.onnx.ml.ArrayFeatureExtractor", "ai.onnx.ml.LabelEncoder",
    ]

    /// The tensor that the first decision on the way to an output reads; nil where there is no decision.
    func scores(behind output: String, depth: Int = 0) -> String? {
        guard depth < 64, let node = producers[output] else { return nil }
        if Self.deciding.contains(node.qualifiedType) { return node.inputs.first.map { scores(behind: $0, depth: depth + 1) ?? $0 } }
        guard Self.passing.contains(node.qualifiedType) else { return nil }
        return node.inputs.lazy.compactMap { scores(behind: $0, depth: depth + 1) }.first
    }
}
