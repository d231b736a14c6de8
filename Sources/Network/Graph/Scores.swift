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
    /// The share of the pixels at which the class has the greatest of the logits.
    case share
    /// The score of the class's best box.
    case box

    /// The value of the graph that holds the scores; nil where they are a function of the logits.
    public var value: ValueID? {
        switch self {
        case .softmax, .sigmoid, .share, .box: nil
        case .output(let value, _), .number(let value): value
        }
    }
}

/// What a user should know of an output's numbers.
public enum ScoresRemark: Sendable {
    /// Negative logarithms of probabilities, lower where a class is likelier: their sign is turned.
    case loss
    /// The Softmax runs over an axis of one number, as the batch is: all of its probabilities are 1.
    case softmaxOfOne
    /// Compared as an embedding, which nothing tells that it is: it may be the scores of classes.
    case perhapsNoEmbedding
}

/// The value that is explained, its form, and what the scores are.
struct Scores {
    var logits: ValueID
    var form: OutputForm
    var probability: Probability
    var output: ChosenOutput
    var offers: [OutputOffer] = []
}

extension Importer {
    /// What of a file is explained: the output of that name, or the one that `OutputChoice` finds; what a closing
    /// decision (ArgMax, TopK, a table of labels) reads.
    ///
    /// - Parameters:
    ///   - image: the shape that is fed.
    ///   - labels: how many labels are told; nil: none.
    /// - Throws: what cannot be run, where the scores depend on it; `.notClasses` where no output holds scores of
    ///   classes, of a photo, its pixels or boxes.
    mutating func scores(
        _ graph: GraphDef, image: Shape, named name: String?, for use: OutputUse, labels: Int?
    ) throws(NetworkError) -> Scores {
        let choice = OutputChoice(self, graph, image: image, labels: labels)
        let chosen = try choice.output(named: name, for: use)
        var scores = Scores(
            logits: chosen.value, form: chosen.form, probability: .softmax, output: chosen.output,
            offers: choice.offers)
        var reader = choice.reader
        let (dressing, bounds) = (reader.dressing(of: chosen.value), reader.bounds[chosen.value])
        switch chosen.form {
        case .boxes:
            scores.probability = .box
            if let boxes = chosen.boxes { scores.logits = add("Concat", [boxes, chosen.value], ["axis": .int(-1)]) }
            return scores
        case .pixels:
            // One logit a number, in the same order.
            scores.probability = .share
            if let logits = dressing?.logits.map({ add($0, in: &reader.logits) }),
                values[logits].shape.count == values[chosen.value].shape.count
            {
                scores.logits = logits
            }
            return scores
        case .embedding, .numbers:
            scores.probability = .output(chosen.value, isFraction: false)
            return scores
        case .classes: break
        }
        let logits = dressing?.logits.map { add($0, in: &reader.logits) }
        scores.output.remark = dressing?.remark
        if values[chosen.value].shape.count == 1 {
            try explainOneNumber(
                &scores, dressing, logit: logits, bounds, isClass: labels.map { $0 == 1 || $0 == 2 } ?? false)
        } else if let dressing {
            if dressing.isNegated { scores.output.remark = .loss }
            let value = dressing.isNegated ? add("Neg", [chosen.value]) : chosen.value
            let isLogOfFraction =
                dressing.form == .log && (dressing.isNegated ? bounds.isLossOfFraction : bounds.isLogOfFraction)
            scores.logits = logits ?? value
            switch dressing.exact {
            case .softmax? where logits != nil: scores.probability = .softmax
            case .sigmoid? where logits != nil && dressing.form == .plain: scores.probability = .sigmoid
            case _ where isLogOfFraction: scores.probability = .output(add("Exp", [value]), isFraction: true)
            default: scores.probability = .output(value, isFraction: dressing.form == .plain && bounds.isFraction)
            }
        } else if bounds.isFraction || !chosen.holdsClasses {
            scores.probability = .output(chosen.value, isFraction: bounds.isFraction)
        }
        return scores
    }

    /// One number, y, has two sides: 1, for it (y), and 0, against it (-y). After a Sigmoid, or with one label or two,
    /// these are two classes.
    private mutating func explainOneNumber(
        _ scores: inout Scores, _ dressing: Dressing?, logit: ValueID?, _ bounds: Bounds, isClass: Bool
    ) throws(NetworkError) {
        let number = scores.logits, isFraction = bounds.isFraction && dressing?.form ?? .plain == .plain
        let logit = dressing?.form == .plain ? logit : nil
        scores.logits = try bothSides(of: logit ?? number)
        if dressing?.exact == .sigmoid, logit != nil {
            scores.probability = .sigmoid
        } else if isFraction, logit != nil || isClass {
            scores.probability = .output(try bothSides(of: number, wholeIs: 1), isFraction: true)
        } else {
            scores.probability = isClass && dressing == nil ? .sigmoid : .number(number)
        }
    }

    /// [1, 2]: `whole` - y (or -y), and y.
    private mutating func bothSides(of number: ValueID, wholeIs whole: Float? = nil) throws(NetworkError) -> ValueID {
        tensors["\0form"] = .integers(.vector(2), [1, 1])
        let positive = add("Reshape", [number], more: ["\0form"])
        var negative = add("Neg", [positive])
        if let whole {
            do throws(MemoryShortage) {
                tensors["\0whole"] = .floats(.vector(1), try FloatStorage([whole]))
            } catch {
                throw .memory(error)
            }
            negative = add("Add", [negative], more: ["\0whole"])
        }
        return add("Concat", [negative, positive], ["axis": .int(1)])
    }

    // MARK: Values that the file has not

    /// Adds the nodes that give these logits, every one once.
    private mutating func add(_ logits: LogitsTable.Place, in table: inout LogitsTable) -> ValueID {
        let last = unviewed(logits, &table)
        var needed: Set = [last]
        for place in stride(from: last, through: 0, by: -1) where needed.contains(place) {
            switch table[place] {
            case .value: break
            case .negative(let inner): needed.insert(inner)
            case .moved(_, _, let operands): needed.formUnion(operands.compactMap { $0 })
            }
        }
        var added: [LogitsTable.Place: ValueID] = [:]
        for place in needed.sorted() {
            switch table[place] {
            case .value(let value): added[place] = value
            case .negative(let inner): added[place] = add("Neg", [added[inner]!])
            case .moved(let index, let output, let operands):
                let node = nodes[index]
                let sources = zip(node.operands, operands).map { own, logits in logits.map { .value(added[$0]!) } ?? own
                }
                let outputs = node.op.outputShapes.enumerated().map {
                    define("\0\(node.name) of logits \(values.count) \($0)", $1, producer: nodes.count)
                }
                nodes.append(
                    .init(
                        name: node.name, opType: node.opType, path: node.path, op: node.op, operands: sources,
                        outputs: outputs))
                added[place] = outputs[output]
            }
        }
        return added[last]!
    }

    /// The same numbers in the same order: no other shape is needed.
    private func unviewed(_ logits: LogitsTable.Place, _ table: inout LogitsTable) -> LogitsTable.Place {
        var (place, isNegated) = (logits, false)
        while true {
            switch table[place] {
            case .negative(let inner): (place, isNegated) = (inner, !isNegated)
            case .moved(let index, _, let operands) where nodes[index].op.isView && operands[0] != nil:
                place = operands[0]!
            default: return isNegated ? table.place(.negative(place)) : place
            }
        }
    }

    /// Adds a node under a name that no file can hold.
    private mutating func add(
        _ opType: String, _ operands: [ValueID], more: [String] = [], _ attributes: [String: Attribute] = [:]
    ) -> ValueID {
        let name = "\0\(opType) \(values.count)"
        var inputs: [String] = []
        for operand in operands {
            inputs.append("\0value \(operand)")
            tensors[inputs.last!] = .value(operand, values[operand].shape)
        }
        add(
            NodeDef(
                name: opType.lowercased(), opType: opType, domain: NodeDef.written, inputs: inputs + more,
                outputs: [name], attributes: attributes), opset: opset)
        guard case .value(let value, _)? = tensors[name] else {
            preconditionFailure("\(opType) of a value gives a value")
        }
        return value
    }
}
