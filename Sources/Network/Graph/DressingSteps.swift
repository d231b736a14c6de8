#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What nodes do to probabilities.
extension DressingReader {
    /// Behind a node that is no activation; nil where it makes something else of probabilities.
    mutating func dressed(_ value: ValueID, _ index: Int, _ depth: Int) -> Dressing? {
        let node = nodes[index]
        if node.opType == "Div", let a = node.operands[0]?.value, let b = node.operands[1]?.value, isNormaliser(b, of: a),
            let x = dressing(of: a, depth: depth + 1), !x.isLog {
            return x.changed(0, 1)
        }
        var operands: [Dressing] = []
        for operand in node.operands.compactMap({ $0?.value }) {
            guard let found = dressing(of: operand, depth: depth + 1) else { return nil }
            operands.append(found)
        }
        guard let first = operands.first, operands.allSatisfy({ $0.isLog == first.isLog && $0.isNegated == first.isNegated }) else { return nil }
        if node.op.movesNumbers { return moved(value, index, operands) }
        if let reduce = node.op as? Reduce { return reduced(value, reduce, first) }
        if operands.count > 1 { return joined(value, node, operands) }
        var result = changed(node, first)
        let before = node.operands.lazy.compactMap { $0?.value }.first!
        if values[before].shape.count != values[value].shape.count {
            result?.logits = nil
            result?.exact = nil
        }
        return result
    }

    private func moved(_ value: ValueID, _ index: Int, _ operands: [Dressing]) -> Dressing {
        let node = nodes[index]
        var result = operands[0]
        (result.low, result.high) = (operands.map(\.low).min()!, operands.map(\.high).max()!)
        // A permutation of all numbers is a softmax still.
        let isWhole = operands.count == 1 && (node.op.isView || node.op is Transpose)
        let isConstantInside = node.op is Concat && operands.count < node.operands.count
        if !isWhole { result.exact = operands.allSatisfy { $0.exact == .sigmoid } && !isConstantInside ? .sigmoid : nil }
        var rest = operands[...].map(\.logits)[...]
        let parts = node.operands.map { operand -> Dressing.Logits? in operand?.value == nil ? nil : rest.removeFirst() }
        let isComplete = operands.allSatisfy { $0.logits != nil } && !isConstantInside
        result.logits = isComplete ? .moved(node: index, output: node.outputs.firstIndex(of: value)!, parts) : nil
        return result
    }

    private func reduced(_ value: ValueID, _ reduce: Reduce, _ x: Dressing) -> Dressing? {
        guard !x.isLog else { return nil }
        let count = Float(reduce.input.count / max(values[value].shape.count, 1))
        var result = x
        (result.exact, result.logits) = (nil, nil)
        switch reduce.kind {
        case .ReduceMean, .ReduceMax, .ReduceMin: break
        case .ReduceSum, .ReduceL1: (result.low, result.high) = (min(x.low * count, x.low), max(x.high * count, x.high))
        case .ReduceProd where x.isFraction: break
        default: return nil
        }
        return result
    }

    /// Several probabilities made one.
    private func joined(_ value: ValueID, _ node: Graph.Node, _ operands: [Dressing]) -> Dressing? {
        guard !operands[0].isLog else { return nil }
        let (a, b) = (operands[0], operands[1])
        let agree = operands.allSatisfy { $0.logits == a.logits }
            && node.operands.allSatisfy { $0?.value.map { values[$0].shape.count == values[value].shape.count } ?? true }
        var result = Dressing(logits: agree ? a.logits : nil)
        let constants = node.operands.compactMap { $0.flatMap(Self.bounds) }
        switch node.opType {
        case "Add", "Sum":
            result.low = operands.map(\.low).reduce(0, +) + constants.map(\.low).reduce(0, +)
            result.high = operands.map(\.high).reduce(0, +) + constants.map(\.high).reduce(0, +)
        case "Mul" where a.low >= 0 && b.low >= 0: (result.low, result.high) = (a.low * b.low, a.high * b.high)
        case "Max": (result.low, result.high) = (max(a.low, b.low), max(a.high, b.high))
        case "Min": (result.low, result.high) = (min(a.low, b.low), min(a.high, b.high))
        case "Sub":
            (result.low, result.high) = (a.low - b.high, a.high - b.low)
            result.logits = a.logits == b.logits?.negated ? a.logits : nil
        case "Div" where a.low >= 0 && b.low >= 0:
            (result.low, result.high) = (0, .infinity)
            result.logits = a.logits == b.logits?.negated ? a.logits : nil
        default: return nil
        }
        return result
    }

    /// A function of probabilities alone, with constants.
    private func changed(_ node: Graph.Node, _ x: Dressing) -> Dressing? {
        let (low, high) = (x.low, x.high)
        if x.isLog, Self.isNegation(node) { return x.negatedLog }
        guard !x.isNegated else { return node.opType == "Detach" ? x : nil }
        if let clip = (node.op as? Relu)?.activation {
            if clip.low <= low, clip.high >= high { return x }
            return x.changed(min(max(low, clip.low), clip.high), max(min(high, clip.high), clip.low))
        }
        if let quantize = node.op as? Quantize {
            guard let scale = quantize.scale.max(), let zero = quantize.zero.first, scale > 0 else { return nil }
            guard let range = quantize.range else { return x.changed((low - zero) * scale, (high - zero) * scale) }
            func quantised(_ number: Float) -> Float { min(max((number / scale).rounded() + zero, range.lowerBound), range.upperBound) }
            return x.changed(quantised(low), quantised(high))
        }
        switch node.opType {
        case "Detach": return x
        case "Round", "Floor", "Ceil", "Cast": return x.changed(low.rounded(.down), high.rounded(.up))
        case "Exp" where x.isLog:
            return Dressing(exact: x.exact, low: expf(low), high: expf(high), logits: x.logits)
        case "Log" where !x.isLog && low >= 0:
            return Dressing(exact: x.exact, isLog: true, low: logf(low), high: logf(high), logits: x.logits)
        default: break
        }
        guard !x.isLog else { return nil }
        switch node.opType {
        case "Sqrt" where low >= 0: return x.changed(low.squareRoot(), high.squareRoot())
        case "Neg": return x.changed(-high, -low, decreasing: true)
        default: return node.operands.count == 2 ? combined(node, x) : nil
        }
    }

    /// -x, x * -1, x / -1 or 0 - x.
    private static func isNegation(_ node: Graph.Node) -> Bool {
        guard node.operands.count == 2 else { return node.opType == "Neg" }
        func isOnly(_ number: Float, _ place: Int) -> Bool { node.operands[place].flatMap(bounds).map { $0 == (number, number) } ?? false }
        return switch node.opType {
        case "Mul": isOnly(-1, 0) || isOnly(-1, 1)
        case "Div": isOnly(-1, 1)
        case "Sub": isOnly(0, 0)
        default: false
        }
    }

    private func combined(_ node: Graph.Node, _ x: Dressing) -> Dressing? {
        let isFirst = node.operands[0]?.value != nil
        guard let constant = node.operands[isFirst ? 1 : 0], let c = Self.bounds(constant) else { return nil }
        let (low, high) = (x.low, x.high)
        /// x times numbers of these bounds.
        func times(_ least: Float, _ most: Float) -> Dressing {
            let corners = [low * least, low * most, high * least, high * most]
            var result = x.changed(corners.min()!, corners.max()!, decreasing: most < 0)
            if least <= 0, most >= 0 { result.logits = nil }
            return result
        }
        switch node.opType {
        case "Add", "Sum": return x.changed(low + c.low, high + c.high)
        case "Sub" where isFirst: return x.changed(low - c.high, high - c.low)
        case "Sub":
            var result = x.changed(c.low - high, c.high - low, decreasing: true)
            // 1 - sigmoid(x) = sigmoid(-x)
            if x.exact == .sigmoid, c.low == 1, c.high == 1 { result.exact = .sigmoid }
            return result
        case "Mul": return times(c.low, c.high)
        case "Div" where isFirst && (c.low > 0 || c.high < 0): return times(1 / c.high, 1 / c.low)
        case "Pow" where isFirst && low >= 0 && c.low > 0:
            let corners = [powf(low, c.low), powf(low, c.high), powf(high, c.low), powf(high, c.high)]
            return x.changed(corners.min()!, corners.max()!)
        case "Max": return x.changed(max(low, c.low), max(high, c.high))
        case "Min": return x.changed(min(low, c.low), min(high, c.high))
        case "Greater" where isFirst, "GreaterOrEqual" where isFirst: return x.changed(0, 1)
        default: return nil
        }
    }

    private static func bounds(_ source: Graph.Source) -> (low: Float, high: Float)? {
        guard case .constant(_, let storage) = source, case let numbers = storage.values, let low = numbers.min(), let high = numbers.max() else { return nil }
        return (low, high)
    }
}
