/// Parts of a whole, as exporters spell them.
extension DressingReader {
    /// No spelling is longer.
    private static let steps = 16

    func producer(_ value: ValueID) -> Graph.Node? { values[value].producer.map { nodes[$0] } }

    /// What a function of one number is taken of.
    func operand(of value: ValueID, _ function: UnaryFunction) -> ValueID? {
        producer(value).flatMap { $0.function == function ? $0.operands.first??.value : nil }
    }

    /// What a reduction of this kind is taken over.
    private func operand(of value: ValueID, _ reduction: Reduce.Kind) -> ValueID? {
        producer(value).flatMap { $0.reduction == reduction ? $0.operands.first??.value : nil }
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

    /// What this reduction was taken over all or some of whose numbers a value is.
    func reduced(_ value: ValueID, _ kind: Reduce.Kind) -> ValueID? { operand(of: unmoved(value), kind) }

    /// a / b, a * (1 / b) or a * b^-1.
    func quotient(_ node: Graph.Node) -> (ValueID, ValueID)? {
        guard node.operands.count == 2, let a = node.operands[0]?.value, let b = node.operands[1]?.value else {
            return nil
        }
        let parts: (ValueID, ValueID)? =
            switch node.pair {
            case .div: (a, b)
            case .mul: inverse(b).map { (a, $0) } ?? inverse(a).map { (b, $0) }
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
        if node.function == .reciprocal { return node.operands[0]?.value }
        return switch node.pair {
        case .div where isOnly(1, node.operands[0]): node.operands[1]?.value
        case .pow where isOnly(-1, node.operands[1]): node.operands[0]?.value
        default: nil
        }
    }

    /// What a sum, which may be kept from 0, is taken over.
    private func summed(_ sum: ValueID) -> ValueID? {
        var value = sum
        for _ in 0..<Self.steps {
            guard let node = producer(value) else { return nil }
            if node.reduction == .sum || node.reduction == .l1 { return node.operands[0]?.value }
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
        if operand(of: range, Reduce.Kind.max) == part { return true }
        guard let above = producer(part), let between = producer(range), above.pair == .sub, between.pair == .sub,
            let x = above.operands[0]?.value, let least = above.operands[1]?.value,
            let most = between.operands[0]?.value,
            let base = between.operands[1]?.value
        else { return false }
        return reduced(least, .min) == x && reduced(base, .min) == x && reduced(most, .max) == x
    }

    /// x for x - max x; else the value itself.
    func withoutPeak(_ value: ValueID) -> ValueID {
        guard let minus = producer(value), minus.pair == .sub, let before = minus.operands[0]?.value,
            let peak = minus.operands[1]?.value,
            reduced(peak, .max) == before
        else { return value }
        return before
    }

    /// Whether a value is log sum exp(x), which may be computed above the maximum of x.
    func isLogSumExp(_ value: ValueID, of x: ValueID) -> Bool {
        let value = unmoved(value)
        guard let node = producer(value) else { return false }
        if node.reduction == .logSumExp { return node.operands[0]?.value == x }
        if node.function == .log {
            guard let sum = node.operands[0]?.value, let powers = summed(sum) else { return false }
            return operand(of: powers, .exp) == x
        }
        if node.op is Add {
            let parts = node.operands.compactMap { $0?.value }
            guard parts.count == 2, node.operands.count == 2 else { return false }
            return [(parts[0], parts[1]), (parts[1], parts[0])].contains { log, peak in
                guard reduced(peak, .max) == x, let sum = operand(of: unmoved(log), .log),
                    let powers = summed(sum),
                    let above = operand(of: powers, .exp)
                else { return false }
                return above != x && withoutPeak(above) == x
            }
        }
        return false
    }

    /// x of 1 + x.
    func onePlus(_ value: ValueID) -> ValueID? {
        guard let sum = producer(value), sum.op is Add, sum.operands.count == 2 else { return nil }
        return isOnly(1, sum.operands[0])
            ? sum.operands[1]?.value : isOnly(1, sum.operands[1]) ? sum.operands[0]?.value : nil
    }

    /// x of log(x / (1 - x)) or log x - log(1 - x).
    func logOdds(_ node: Graph.Node) -> ValueID? {
        var parts: (ValueID, ValueID)?
        if node.function == .log { parts = node.operands[0]?.value.flatMap(producer).flatMap(quotient) }
        if node.pair == .sub {
            let logs = node.operands.compactMap { $0?.value.flatMap { operand(of: $0, .log) } }
            parts = logs.count == 2 ? (logs[0], logs[1]) : nil
        }
        guard let (x, rest) = parts, let minus = producer(rest), minus.pair == .sub, isOnly(1, minus.operands[0]),
            minus.operands[1]?.value == x
        else { return nil }
        return x
    }

    /// -x, x * -1, x / -1 or 0 - x.
    func isNegation(_ node: Graph.Node) -> Bool {
        switch node.pair {
        case .mul: isOnly(-1, node.operands[0]) || isOnly(-1, node.operands[1])
        case .div: isOnly(-1, node.operands[1])
        case .sub: isOnly(0, node.operands[0])
        default: node.function == .neg
        }
    }
}
