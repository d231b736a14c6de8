/// What a value is that a Softmax or Sigmoid closes, whatever was done to its probabilities afterwards.
struct Dressing {
    /// Which function of the logits it exactly is; nil where it was changed since.
    var exact: Function?
    /// Whether it is the logarithm of probabilities.
    var isLog = false
    /// Whether it is the negative of that logarithm, as a loss is.
    var isNegated = false
    /// Between which numbers it lies.
    var low: Float = 0, high: Float = 1
    /// One logit for each of its numbers, which grows with it; nil where there is none, as behind a mean of several networks.
    var logits: Logits?

    enum Function { case softmax, sigmoid }

    /// Where the logits stand, written in the graph's own values.
    indirect enum Logits: Equatable {
        case value(ValueID)
        case negative(Logits)
        /// What a node that only moves numbers about would give of these operands; nil: the node's own operand.
        case moved(node: Int, output: Int, [Logits?])

        var negated: Logits { if case .negative(let inner) = self { inner } else { .negative(self) } }
    }

    /// Whether it lies in 0..1, but for roundings.
    var isFraction: Bool { !isLog && low >= -1e-3 && high <= 1 + 1e-3 }

    /// -x of a logarithm: the logits are those of the probabilities still.
    var negatedLog: Dressing {
        var result = self
        (result.isNegated, result.low, result.high) = (!isNegated, -high, -low)
        return result
    }

    /// The same after an increasing (or decreasing) function that takes the bounds to these.
    func changed(_ low: Float, _ high: Float, decreasing: Bool = false) -> Dressing {
        Dressing(exact: nil, isLog: isLog, low: min(low, high), high: max(low, high), logits: decreasing ? logits?.negated : logits)
    }
}

/// Finds out what a value is dressed in, back to the activations that it comes from.
struct DressingReader {
    let values: [Graph.Value]
    let nodes: [Graph.Node]
    private var known: [ValueID: Dressing?] = [:]

    init(values: [Graph.Value], nodes: [Graph.Node]) { (self.values, self.nodes) = (values, nodes) }

    /// nil where not all that a value comes from are a Softmax's or a Sigmoid's outputs and constants.
    mutating func dressing(of value: ValueID, depth: Int = 0) -> Dressing? {
        if let known = known[value] { return known }
        guard depth < 256, let node = values[value].producer else { return nil }
        let found = leaf(value, node) ?? dressed(value, node, depth)
        known[value] = .some(found)
        return found
    }

    // MARK: Activations

    private func leaf(_ value: ValueID, _ index: Int) -> Dressing? {
        let node = nodes[index], count = values[value].shape.count
        guard let before = node.operands.first??.value else { return spelledSigmoid(node) }
        switch node.opType {
        case "Softmax", "LogSoftmax":
            guard let softmax = node.op as? Softmax, softmax.extent > 1 else { return nil }
            return Dressing(
                exact: softmax.extent == count ? .softmax : nil, isLog: softmax.isLog, low: softmax.isLog ? -.infinity : 0, high: softmax.isLog ? 0 : 1,
                logits: .value(before))
        case "Sigmoid":
            return Dressing(exact: .sigmoid, logits: .value(before))
        case "HardSigmoid":
            return Dressing(logits: .value(before))
        case "Div":
            return spelledSoftmax(node, count)
        case "Reciprocal":
            return spelledSigmoid(before)
        default:
            return nil
        }
    }

    /// exp(x) / sum exp(x), where x may be brought below 0 by its maximum.
    private func spelledSoftmax(_ node: Graph.Node, _ count: Int) -> Dressing? {
        guard let powers = node.operands[0]?.value, let sum = node.operands[1]?.value, var x = operand(of: powers, "Exp"), isNormaliser(sum, of: powers)
        else { return nil }
        if let minus = producer(x), minus.opType == "Sub", let before = minus.operands[0]?.value, let peak = minus.operands[1]?.value,
            operand(of: peak, "ReduceMax") == before { x = before }
        return Dressing(exact: values[sum].shape.count == 1 && count > 1 ? .softmax : nil, logits: .value(x))
    }

    /// 1 / (1 + exp(-x))
    private func spelledSigmoid(_ node: Graph.Node) -> Dressing? {
        guard node.opType == "Div", case .constant(_, let one)? = node.operands[0], one.count == 1, one[0] == 1, let below = node.operands[1]?.value
        else { return nil }
        return spelledSigmoid(below)
    }

    private func spelledSigmoid(_ below: ValueID) -> Dressing? {
        guard let sum = producer(below), ["Add", "Sum"].contains(sum.opType), sum.operands.count == 2 else { return nil }
        for (value, constant) in [(0, 1), (1, 0)] {
            guard let power = sum.operands[value]?.value, case .constant(_, let one)? = sum.operands[constant], one.count == 1, one[0] == 1,
                let exponent = operand(of: power, "Exp")
            else { continue }
            return Dressing(exact: .sigmoid, logits: operand(of: exponent, "Neg").map { .value($0) } ?? .negative(.value(exponent)))
        }
        return nil
    }

    private func producer(_ value: ValueID) -> Graph.Node? { values[value].producer.map { nodes[$0] } }

    private func operand(of value: ValueID, _ opType: String) -> ValueID? {
        producer(value).flatMap { $0.opType == opType ? $0.operands.first??.value : nil }
    }

    /// Whether a value is a sum over some other one's numbers, which may be kept from 0.
    func isNormaliser(_ sum: ValueID, of value: ValueID) -> Bool {
        guard let node = producer(sum), let before = node.operands.lazy.compactMap({ $0?.value }).first else { return false }
        if ["ReduceSum", "ReduceL1"].contains(node.opType) { return before == value }
        return node.keptFromZero.map { isNormaliser($0, of: value) } ?? false
    }
}
