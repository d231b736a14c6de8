/// Parts of a whole, as exporters spell them.
extension DressingReader {
    /// No spelling is longer.
    private static let steps = 16

    func producer(_ value: ValueID) -> Graph.Node? { values[value].producer.map { nodes[$0] } }

    /// What an operator of one operand reads.
    func operand(of value: ValueID, _ opType: String) -> ValueID? {
        producer(value).flatMap { $0.opType == opType ? $0.operands.first??.value : nil }
    }

    /// Before reshapes and repetitions.
    func unmoved(_ value: ValueID) -> ValueID {
        var value = value
        for _ in 0..<Self.steps {
            guard let node = producer(value), node.op.keepsNumbers, let before = node.operands[0]?.value else { break }
            value = before
        }
        return value
    }

    func isOnly(_ number: Float, _ source: Graph.Source?) -> Bool {
        guard case .constant(_, let storage)? = source else { return false }
        return storage.count > 0 && (0..<storage.count).allSatisfy { storage[$0] == number }
    }

    /// What this operator was taken over all or some of whose numbers a value is.
    func reduced(_ value: ValueID, _ opType: String) -> ValueID? { operand(of: unmoved(value), opType) }

    /// a / b, a * (1 / b) or a * b^-1.
    func quotient(_ node: Graph.Node) -> (ValueID, ValueID)? {
        guard node.operands.count == 2, let a = node.operands[0]?.value, let b = node.operands[1]?.value else {
            return nil
        }
        let parts: (ValueID, ValueID)? =
            switch node.opType {
            case "Div": (a, b)
            case "Mul": inverse(b).map { (a, $0) } ?? inverse(a).map { (b, $0) }
            default: nil
            }
        return parts.flatMap { isAlong($0.1, $0.0) ? $0 : nil }
    }

    /// Whether what was taken over axes of a value stands along its other ones.
    func isAlong(_ taken: ValueID, _ value: ValueID) -> Bool {
        let (own, other) = (values[taken].shape, values[value].shape)
        return own.rank == other.rank || own.count == 1
    }

    /// What a value is 1 over.
    func inverse(_ value: ValueID) -> ValueID? {
        guard let node = producer(unmoved(value)) else { return nil }
        switch node.opType {
        case "Reciprocal": return node.operands[0]?.value
        case "Div" where isOnly(1, node.operands[0]): return node.operands[1]?.value
        case "Pow" where isOnly(-1, node.operands[1]): return node.operands[0]?.value
        default: return nil
        }
    }

    /// What a sum, which may be kept from 0, is taken over.
    private func summed(_ sum: ValueID) -> ValueID? {
        var value = sum
        for _ in 0..<Self.steps {
            guard let node = producer(value) else { return nil }
            if ["ReduceSum", "ReduceL1"].contains(node.opType) { return node.operands[0]?.value }
            guard let before = unkept(node) else { return nil }
            value = before
        }
        return nil
    }

    /// The value that a divisor which is no less is made of.
    private func unkept(_ node: Graph.Node) -> ValueID? {
        if let clip = node.op as? Relu, clip.activation.high < .infinity { return nil }
        if node.op is Add, node.operands.contains(where: { $0?.value == nil && !bounds(of: $0).isNotNegative }) {
            return nil
        }
        return node.keptFromZero
    }

    /// Whether a value is a sum over some other one's numbers, which may be kept from 0.
    func isNormaliser(_ sum: ValueID, of value: ValueID) -> Bool { summed(sum) == value }

    /// Whether numbers that are not negative are parts of others: of their sum or their maximum, or of the range that
    /// they come from.
    func isPart(_ part: ValueID, of whole: ValueID) -> Bool {
        if isNormaliser(whole, of: part) { return true }
        var range = whole
        for _ in 0..<Self.steps {
            if isPart(part, ofRange: range) { return true }
            guard let node = producer(range) else { return false }
            if node.op is Add, node.operands.contains(where: { $0?.value == part }),
                node.operands.allSatisfy({ bounds(of: $0).isNotNegative })
            {
                return true
            }
            guard let before = unkept(node) else { return false }
            range = before
        }
        return false
    }

    /// x, where it is not negative, of max x; x - min x of max x - min x.
    private func isPart(_ part: ValueID, ofRange range: ValueID) -> Bool {
        if operand(of: range, "ReduceMax") == part { return true }
        guard let above = producer(part), let between = producer(range), above.opType == "Sub", between.opType == "Sub",
            let x = above.operands[0]?.value, let least = above.operands[1]?.value,
            let most = between.operands[0]?.value,
            let base = between.operands[1]?.value
        else { return false }
        return reduced(least, "ReduceMin") == x && reduced(base, "ReduceMin") == x && reduced(most, "ReduceMax") == x
    }

    /// x for x - max x; else the value itself.
    func withoutPeak(_ value: ValueID) -> ValueID {
        guard let minus = producer(value), minus.opType == "Sub", let before = minus.operands[0]?.value,
            let peak = minus.operands[1]?.value,
            reduced(peak, "ReduceMax") == before
        else { return value }
        return before
    }

    /// Whether a value is log sum exp(x), which may be computed above the maximum of x.
    func isLogSumExp(_ value: ValueID, of x: ValueID) -> Bool {
        let value = unmoved(value)
        guard let node = producer(value) else { return false }
        switch node.opType {
        case "ReduceLogSumExp": return node.operands[0]?.value == x
        case "Log":
            guard let sum = node.operands[0]?.value, let powers = summed(sum) else { return false }
            return operand(of: powers, "Exp") == x
        case "Add", "Sum":
            let parts = node.operands.compactMap { $0?.value }
            guard parts.count == 2, node.operands.count == 2 else { return false }
            return [(parts[0], parts[1]), (parts[1], parts[0])].contains { log, peak in
                guard reduced(peak, "ReduceMax") == x, let sum = operand(of: unmoved(log), "Log"),
                    let powers = summed(sum),
                    let above = operand(of: powers, "Exp")
                else { return false }
                return above != x && withoutPeak(above) == x
            }
        default: return false
        }
    }

    /// x of 1 + x.
    func onePlus(_ value: ValueID) -> ValueID? {
        guard let sum = producer(value), sum.op is Add, sum.operands.count == 2 else { return nil }
        return isOnly(1, sum.operands[0])
            ? sum.operands[1]?.value : isOnly(1, sum.operands[1]) ? sum.operands[0]?.value : nil
    }

    /// x of log(x / (1 - x)) or log x - log(1 - x).
    func logOdds(_ node: Graph.Node) -> ValueID? {
        let parts: (ValueID, ValueID)?
        switch node.opType {
        case "Log": parts = node.operands[0]?.value.flatMap(producer).flatMap(quotient)
        case "Sub":
            let logs = node.operands.compactMap { $0?.value.flatMap { operand(of: $0, "Log") } }
            parts = logs.count == 2 ? (logs[0], logs[1]) : nil
        default: parts = nil
        }
        guard let (x, rest) = parts, let minus = producer(rest), minus.opType == "Sub", isOnly(1, minus.operands[0]),
            minus.operands[1]?.value == x
        else { return nil }
        return x
    }

    /// -x, x * -1, x / -1 or 0 - x.
    func isNegation(_ node: Graph.Node) -> Bool {
        guard node.operands.count == 2 else { return node.opType == "Neg" }
        return switch node.opType {
        case "Mul": isOnly(-1, node.operands[0]) || isOnly(-1, node.operands[1])
        case "Div": isOnly(-1, node.operands[1])
        case "Sub": isOnly(0, node.operands[0])
        default: false
        }
    }
}
