import ONNX

/// What the scores of the classes are.
public enum Probability: Sendable, Equatable {
    /// exp(y) / sum exp(y) of the logits: one class of many.
    case softmax
    /// 1 / (1 + exp(-y)) of the logits: each class for itself.
    case sigmoid
    /// Numbers that the network says itself, one a class, in another value of the graph; `isFraction`: of 0..1.
    case output(ValueID, isFraction: Bool)
    /// The one number that the network says, which is no class's.
    case number(ValueID)

    /// The value of the graph that holds the scores; nil where they are a function of the logits.
    public var value: ValueID? {
        switch self {
        case .softmax, .sigmoid: nil
        case .output(let value, _), .number(let value): value
        }
    }
}

/// The value that is explained, one number a class, and what the scores are.
struct Scores {
    var logits: ValueID
    var probability: Probability
    var output: ChosenOutput
}

extension Importer {
    /// The class scores of a file: of the output of that name, or the one that `OutputChoice` finds; what a closing decision (ArgMax, TopK, a
    /// table of labels) reads.
    ///
    /// - Parameter labels: how many labels are told; nil: none.
    /// - Throws: what cannot be run, where the scores depend on it; `.notClasses` where no output holds scores of classes.
    mutating func scores(_ graph: GraphDef, named name: String?, labels: Int?) throws(NetworkError) -> Scores {
        let chosen = try OutputChoice(self, graph, labels: labels).output(named: name)
        var scores = Scores(logits: chosen.value, probability: .softmax, output: chosen.output)
        var reader = DressingReader(values: values, nodes: nodes)
        let dressing = reader.dressing(of: chosen.value)
        if values[chosen.value].shape.count == 1 {
            try explainOneNumber(&scores, dressing, isClass: labels.map { $0 == 1 || $0 == 2 } ?? false)
        } else if let dressing {
            let value = dressing.isNegated ? add("Neg", [chosen.value]) : chosen.value
            scores.logits = dressing.logits.map { add($0) } ?? value
            switch dressing.exact {
            case .softmax? where dressing.logits != nil: scores.probability = .softmax
            case .sigmoid? where dressing.logits != nil && !dressing.isLog: scores.probability = .sigmoid
            default:
                scores.probability = .output(
                    dressing.isLog ? add("Exp", [value]) : value, isFraction: dressing.isLog || dressing.isFraction)
            }
        } else if !chosen.holdsClasses {
            scores.probability = .output(chosen.value, isFraction: false)
        }
        return scores
    }

    /// One number, y, has two sides: 1, for it (y), and 0, against it (-y). Behind a Sigmoid, or with one label or two, these are two classes.
    private mutating func explainOneNumber(_ scores: inout Scores, _ dressing: Dressing?, isClass: Bool) throws(NetworkError) {
        let number = scores.logits
        let logit = dressing.flatMap { $0.isLog ? nil : $0.logits }.map { add($0) }
        scores.logits = bothSides(of: logit ?? number)
        if let dressing, let exact = dressing.exact, exact == .sigmoid, logit != nil {
            scores.probability = .sigmoid
        } else if let dressing, dressing.isFraction, logit != nil {
            scores.probability = .output(bothSides(of: number, wholeIs: 1), isFraction: true)
        } else {
            scores.probability = isClass && dressing == nil ? .sigmoid : .number(number)
        }
    }

    /// [1, 2]: `whole` - y (or -y), and y.
    private mutating func bothSides(of number: ValueID, wholeIs whole: Float? = nil) -> ValueID {
        tensors["\0form"] = .integers(Shape([2]), [1, 1])
        let positive = add("Reshape", [number], more: ["\0form"])
        var negative = add("Neg", [positive])
        if let whole {
            tensors["\0whole"] = .floats(Shape([1, 1]), FloatStorage([whole]))
            negative = add("Add", [negative], more: ["\0whole"])
        }
        return add("Concat", [negative, positive], ["axis": .int(1)])
    }

    // MARK: Values that the file has not

    /// Adds the nodes that give these logits.
    private mutating func add(_ logits: Dressing.Logits, isInner: Bool = false) -> ValueID {
        switch logits {
        case .value(let value): return value
        case .negative(let inner): return add("Neg", [add(inner, isInner: isInner)])
        case .moved(let index, let output, let operands):
            let node = nodes[index]
            // The same numbers in the same order: no other shape is needed.
            if node.op.isView, !isInner, case let inner?? = operands.first { return add(inner) }
            var sources = node.operands
            for (place, operand) in operands.enumerated() { if let operand { sources[place] = .value(add(operand, isInner: true)) } }
            let outputs = node.op.outputShapes.enumerated().map { define("\0\(node.name) of logits \(values.count) \($0)", $1, producer: nodes.count) }
            nodes.append(.init(name: node.name, opType: node.opType, path: node.path, op: node.op, operands: sources, outputs: outputs))
            return outputs[output]
        }
    }

    /// Adds a node under a name that no file can hold.
    private mutating func add(_ opType: String, _ operands: [ValueID], more: [String] = [], _ attributes: [String: Attribute] = [:]) -> ValueID {
        let name = "\0\(opType) \(values.count)"
        var inputs: [String] = []
        for operand in operands {
            inputs.append("\0value \(operand)")
            tensors[inputs.last!] = .value(operand, values[operand].shape)
        }
        add(NodeDef(name: opType.lowercased(), opType: opType, inputs: inputs + more, outputs: [name], attributes: attributes), opset: 13)
        guard case .value(let value, _)? = tensors[name] else { preconditionFailure("\(opType) of a value gives a value") }
        return value
    }
}
