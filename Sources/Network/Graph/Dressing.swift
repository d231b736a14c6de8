/// What a value is that a Softmax or Sigmoid closes, whatever was done to its probabilities afterwards.
struct Dressing {
    /// Which function of the logits it exactly is; nil where it was changed since.
    var exact: Function?
    var form = Form.plain
    /// Whether it is the negative of logarithms, as a loss is.
    var isNegated = false
    /// Whether it comes from a Tanh, which closes probabilities only where they are brought to 0..1.
    var isSigned = false
    var remark: ScoresRemark?
    /// One logit for each of its numbers, which grows with it (with the probability, after a logarithm); nil where
    /// there is none, as after a mean of several networks.
    var logits: LogitsTable.Place?

    enum Function { case softmax, sigmoid }

    enum Form {
        case plain
        /// The logarithm of probabilities.
        case log
        /// A logarithm that was changed since.
        case changedLog
    }

    /// -x of a logarithm: the logits are those of the probabilities still.
    var negatedLog: Dressing {
        var result = self
        result.isNegated.toggle()
        return result
    }

    /// The same after an increasing function.
    var changed: Dressing {
        var result = self
        result.exact = nil
        return result
    }

    /// A value of the same origin that has no single logit a number.
    var withoutLogits: Dressing {
        var result = changed
        result.logits = nil
        return result
    }
}

/// Where logits stand, written in the graph's own values; equal ones have one place.
struct LogitsTable {
    typealias Place = Int

    enum Entry: Hashable {
        case value(ValueID)
        case negative(Place)
        /// What a node that only moves numbers about would give of these operands; nil: the node's own operand.
        case moved(node: Int, output: Int, [Place?])
    }

    /// Every entry stands after those that it is made of.
    private(set) var entries: [Entry] = []
    private var places: [Entry: Place] = [:]

    subscript(place: Place) -> Entry { entries[place] }

    mutating func place(_ entry: Entry) -> Place {
        if case .negative(let inner) = entry, case .negative(let before) = entries[inner] { return before }
        if let known = places[entry] { return known }
        entries.append(entry)
        places[entry] = entries.count - 1
        return entries.count - 1
    }
}

/// Finds out what every value of a graph is dressed in and what bounds it, node by node.
struct DressingReader {
    let values: [Graph.Value]
    let nodes: [Graph.Node]
    private(set) var bounds: [Bounds]
    var logits = LogitsTable()
    private var dressings: [Dressing?]

    init(values: [Graph.Value], nodes: [Graph.Node]) {
        (self.values, self.nodes) = (values, nodes)
        bounds = [Bounds](repeating: .none, count: values.count)
        dressings = [Dressing?](repeating: nil, count: values.count)
        for (index, node) in nodes.enumerated() {
            for output in node.outputs {
                let count = values[output].shape.count
                bounds[output] = bounds(node, count: count).tightened(count)
                dressings[output] = leaf(output, node) ?? dressed(output, index)
            }
        }
    }

    /// nil where not all that a value comes from are a Softmax's or a Sigmoid's outputs and constants.
    func dressing(of value: ValueID) -> Dressing? {
        dressings[value].flatMap { $0.isSigned && !bounds[value].isFraction ? nil : $0 }
    }

    /// See `dressing(of:)`; after a Tanh too.
    func known(_ value: ValueID) -> Dressing? { dressings[value] }

    // MARK: Activations

    private mutating func leaf(_ value: ValueID, _ node: Graph.Node) -> Dressing? {
        let count = values[value].shape.count
        if let x = logOdds(node), let of = dressings[x], of.form == .plain { return of }
        if let below = inverse(value), let found = spelledSigmoid(below) { return found }
        if let found = spelledSoftmax(node, count) ?? spelledLogSoftmax(node, count) ?? spelledLogSigmoid(node)
            ?? spelledShare(node)
        {
            return found
        }
        guard let before = node.operands.first??.value else { return nil }
        if let softmax = node.op as? Softmax {
            return Dressing(
                exact: softmax.extent == count && count > 1 ? .softmax : nil, form: softmax.isLog ? .log : .plain,
                remark: softmax.extent == 1 ? .softmaxOfOne : nil, logits: at(before))
        }
        switch node.function {
        case .sigmoid: return Dressing(exact: .sigmoid, logits: at(before))
        case .hardSigmoid: return Dressing(logits: at(before))
        case .tanh where dressings[before] == nil: return Dressing(isSigned: true, logits: at(before))
        default: return nil
        }
    }

    private mutating func at(_ value: ValueID) -> LogitsTable.Place { logits.place(.value(value)) }
    mutating func negated(_ place: LogitsTable.Place?) -> LogitsTable.Place? {
        place.map { logits.place(.negative($0)) }
    }

    private func isOne(_ value: ValueID) -> Bool { values[unmoved(value)].shape.count == 1 }

    /// exp(x) / sum exp(x), where x may be brought below 0 by its maximum.
    private mutating func spelledSoftmax(_ node: Graph.Node, _ count: Int) -> Dressing? {
        guard let (powers, sum) = quotient(node), let x = operand(of: powers, .exp), isNormaliser(sum, of: powers)
        else { return nil }
        return Dressing(exact: isOne(sum) && count > 1 ? .softmax : nil, logits: at(withoutPeak(x)))
    }

    /// x - log sum exp(x)
    private mutating func spelledLogSoftmax(_ node: Graph.Node, _ count: Int) -> Dressing? {
        guard node.pair == .sub, let x = node.operands[0]?.value, let sum = node.operands[1]?.value, isAlong(sum, x),
            isLogSumExp(sum, of: x)
        else { return nil }
        return Dressing(exact: isOne(sum) && count > 1 ? .softmax : nil, form: .log, logits: at(withoutPeak(x)))
    }

    /// -log(1 + exp(-x))
    private mutating func spelledLogSigmoid(_ node: Graph.Node) -> Dressing? {
        guard isNegation(node), let value = node.operands.lazy.compactMap({ $0?.value }).first,
            let x = operand(of: value, .softplus)
        else { return nil }
        return Dressing(exact: .sigmoid, form: .log, logits: logit(ofMinus: x))
    }

    /// 1 / (1 + exp(-x)), given what is below the line.
    private mutating func spelledSigmoid(_ below: ValueID) -> Dressing? {
        guard let power = onePlus(below), let exponent = operand(of: power, .exp) else { return nil }
        return Dressing(exact: .sigmoid, logits: logit(ofMinus: exponent))
    }

    /// exp(x) / (1 + exp(x))
    private mutating func spelledShare(_ node: Graph.Node) -> Dressing? {
        guard let (power, whole) = quotient(node), onePlus(whole) == power, let x = operand(of: power, .exp) else {
            return nil
        }
        return Dressing(exact: .sigmoid, logits: at(x))
    }

    /// -x
    private mutating func logit(ofMinus x: ValueID) -> LogitsTable.Place? {
        operand(of: x, .neg).map { at($0) } ?? negated(at(x))
    }
}
