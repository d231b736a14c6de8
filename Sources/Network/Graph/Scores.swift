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
            if graph.outputs.isEmpty { throw .noScores("the file has no output") }
            let shapes = name.map { "output '\($0)' is not of shape [batch, classes]; the outputs are \(found)" } ?? "the outputs are \(found)"
            // Rows that one photo cannot make up are another size's pixels.
            let isCut = graph.outputs.contains { output in tensors[output.name].map { $0.shape.rank == 2 && $0.shape[0] > 1 } ?? false }
            throw .noScores(shapes + (isCut ? " for one photo; if the network was exported for another input size, give that one (--input-size)" : ""))
        }
        var result = Scores(value: scores, probability: .softmax)
        // Behind the activation there may stand reshapes and roundings; they are looked through only to find one.
        var value = scores
        while let producer = values[value].producer, case .value(let before)? = nodes[producer].operands.first ?? nil {
            if let probability = Self.closingActivations[nodes[producer].opType] {
                result = Scores(value: before, probability: probability)
                break
            }
            guard nodes[producer].op.isView || nodes[producer].op is Quantize else { break }
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
