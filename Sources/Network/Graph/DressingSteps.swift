/// What nodes do to probabilities.
extension DressingReader {
    /// After a node that is no activation; nil where it makes something else of probabilities.
    mutating func dressed(_ value: ValueID, _ index: Int) -> Dressing? {
        let node = nodes[index]
        if let (part, whole) = quotient(node), let x = known(part), x.form == .plain, isPart(part, of: whole) {
            return x.changed
        }
        var operands: [Dressing] = []
        for operand in node.operands.compactMap({ $0?.value }) {
            guard let found = known(operand) else { return nil }
            operands.append(found)
        }
        guard let first = operands.first,
            operands.allSatisfy({ $0.form == first.form && $0.isNegated == first.isNegated })
        else { return nil }
        var result = after(value, index, operands)
        result?.isSigned = operands.contains(where: \.isSigned)
        result?.remark = operands.lazy.compactMap(\.remark).first
        return result
    }

    private mutating func after(_ value: ValueID, _ index: Int, _ operands: [Dressing]) -> Dressing? {
        let node = nodes[index], first = operands[0]
        if node.op.movesNumbers { return moved(value, index, operands) }
        if node.op.numberEffect == .pooled {
            return first.form == .plain ? first.withoutLogits : nil
        }
        if operands.count > 1 { return joined(value, node, operands) }
        let before = node.operands.lazy.compactMap { $0?.value }.first!
        let result = changed(node, first, bounds[before])
        return values[before].shape.count == values[value].shape.count ? result : result?.withoutLogits
    }

    private mutating func moved(_ value: ValueID, _ index: Int, _ operands: [Dressing]) -> Dressing {
        let node = nodes[index]
        var result = operands[0]
        // A permutation of all numbers is a softmax still.
        let isWhole = operands.count == 1 && (node.op.isView || node.op is Transpose)
        let isConstantInside = node.op is Concat && operands.count < node.operands.count
        if !isWhole {
            result.exact = operands.allSatisfy { $0.exact == .sigmoid } && !isConstantInside ? .sigmoid : nil
        }
        var rest = operands[...].map(\.logits)[...]
        let parts = node.operands.map { operand -> LogitsTable.Place? in
            operand?.value == nil ? nil : rest.removeFirst()
        }
        let isComplete = operands.allSatisfy { $0.logits != nil } && !isConstantInside
        result.logits =
            isComplete ? logits.place(.moved(node: index, output: node.outputs.firstIndex(of: value)!, parts)) : nil
        return result
    }

    /// Several probabilities made one.
    private mutating func joined(_ value: ValueID, _ node: Graph.Node, _ operands: [Dressing]) -> Dressing? {
        let (a, b) = (operands[0], operands[1])
        guard a.form == .plain else { return nil }
        let isOfOneSize = node.operands.allSatisfy {
            $0?.value.map { values[$0].shape.count == values[value].shape.count } ?? true
        }
        let agree = isOfOneSize && operands.allSatisfy { $0.logits == a.logits }
        let oppose = isOfOneSize && operands.count == 2 && a.logits == negated(b.logits)
        let isNotNegative = node.operands.allSatisfy { bounds(of: $0).isNotNegative }
        let keeps: Bool
        switch (node.op, node.pair) {
        case (is Add, _), (_, .max), (_, .min): keeps = agree
        case (_, .mul): keeps = agree && isNotNegative
        case (_, .div): keeps = oppose && isNotNegative
        case (_, .sub):
            // x - min x
            let isFromEnd =
                node.operands[1]?.value.map { reduced($0, .min) ?? reduced($0, .max) }
                == node.operands[0]?.value
            if isFromEnd { return a.changed }
            keeps = oppose
        // Numbers above a threshold, else 0.
        case (is Where, _):
            keeps =
                agree && node.operands[2]?.value == nil
                && bounds(of: node.operands[2]).high <= bounds(of: node.operands[1]).low
        default: return nil
        }
        return keeps ? a.changed : a.withoutLogits
    }

    /// A function of probabilities alone, with constants.
    private mutating func changed(_ node: Graph.Node, _ x: Dressing, _ bounds: Bounds) -> Dressing? {
        if x.form != .plain, isNegation(node) { return x.negatedLog }
        if let clip = (node.op as? Relu)?.activation {
            return clip.low <= bounds.low && clip.high >= bounds.high ? x : x.changed
        }
        if let quantize = node.op as? Quantize { return quantize.scales.values.allSatisfy { $0 > 0 } ? x.changed : nil }
        switch node.function {
        case .detach: return x
        case .round, .floor, .ceil, .cast: return x.changed
        case .exp where x.form != .plain:
            var result = x.form == .log && !x.isNegated ? x : x.changed
            if x.isNegated { result.logits = negated(x.logits) }
            (result.form, result.isNegated) = (.plain, false)
            return result
        case .log where x.form == .plain && bounds.isNotNegative:
            // Of more than 1 it is no probability's.
            guard bounds.high <= 1 + 1e-3 else { return x.changed }
            var result = x
            result.form = .log
            return result
        default: break
        }
        guard x.form == .plain else { return changedLog(node, x) }
        switch node.function {
        case .exp, .tanh: return x.changed
        case .sqrt where bounds.isNotNegative: return x.changed
        case .abs: return bounds.isNotNegative ? x : x.withoutLogits
        case .neg: return decreased(x)
        case .reciprocal: return bounds.isNotNegative ? decreased(x) : x.withoutLogits
        default: return node.operands.count == 2 ? combined(node, x, bounds) : nil
        }
    }

    private mutating func decreased(_ x: Dressing) -> Dressing {
        var result = x.changed
        result.logits = negated(x.logits)
        return result
    }

    /// x times numbers of these bounds.
    private mutating func scaled(_ x: Dressing, by factor: Bounds) -> Dressing {
        factor.low > 0 ? x.changed : factor.high < 0 ? decreased(x) : x.withoutLogits
    }

    private mutating func combined(_ node: Graph.Node, _ x: Dressing, _ bounds: Bounds) -> Dressing? {
        let isFirst = node.operands[0]?.value != nil
        let c = self.bounds(of: node.operands[isFirst ? 1 : 0])
        if node.op is Add { return x.changed }
        switch node.pair {
        case .max, .min: return x.changed
        case .sub where isFirst: return x.changed
        case .sub:
            var result = decreased(x)
            // 1 - sigmoid(x) = sigmoid(-x)
            if x.exact == .sigmoid, bounds.isFraction, isOnly(1, node.operands[0]) { result.exact = .sigmoid }
            return result
        case .mul: return scaled(x, by: c)
        case .div where isFirst: return scaled(x, by: c)
        case .div: return bounds.isNotNegative ? scaled(decreased(x), by: c) : x.withoutLogits
        case .pow where isFirst && bounds.isNotNegative: return scaled(x, by: c)
        default: break
        }
        return switch node.comparison {
        case .greater, .greaterOrEqual: isFirst ? x.changed : decreased(x)
        case .less, .lessOrEqual: isFirst ? decreased(x) : x.changed
        default: nil
        }
    }

    /// A logarithm with a constant.
    private func changedLog(_ node: Graph.Node, _ x: Dressing) -> Dressing? {
        guard node.operands.count == 2, node.op is Add || [.sub, .mul, .div].contains(node.pair) else { return nil }
        let isFirst = node.operands[0]?.value != nil, isScaled = [.mul, .div].contains(node.pair)
        guard isFirst || node.pair != .div else { return nil }
        let c = bounds(of: node.operands[isFirst ? 1 : 0])
        var result = x.changed
        result.form = .changedLog
        if isScaled ? c.high < 0 : node.pair == .sub && !isFirst { result.isNegated.toggle() }
        return isScaled && c.low <= 0 && c.high >= 0 ? result.withoutLogits : result
    }
}
