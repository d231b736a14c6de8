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
    /// The class scores: the output of that name, or the first one of the form [1, classes] (or [1, classes, 1, 1]); before a closing
    /// activation. One score alone, y, stands for two classes, negative (-y) and positive (y).
    mutating func scores(_ graph: GraphDef, named name: String?) throws(NetworkError) -> Scores {
        let found = graph.outputs.map { "\($0.name) \(tensors[$0.name].map { "\($0.shape)" } ?? "missing")" }.joined(separator: ", ")
        func candidate(_ name: String) -> ValueID? {
            guard case .value(let id, let shape)? = tensors[name], shape.rank >= 1, shape.count == shape.dims.max() else { return nil }
            return id
        }
        let scores: ValueID
        if let name {
            guard tensors[name] != nil else { throw .unknownOutput(name, outputs: found) }
            guard let id = candidate(name) else { throw .noScores("output '\(name)' is not of shape [batch, classes]; the outputs are \(found)") }
            scores = id
        } else {
            guard let id = graph.outputs.compactMap({ candidate($0.name) }).first else { throw .noScores("the outputs are \(found)") }
            scores = id
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
        if let fault = faults.first { throw fault }
        guard case .value(let value, _)? = tensors[both] else { throw .noScores("the only score is a constant") }
        return Scores(value: value, probability: .sigmoid)
    }
}
