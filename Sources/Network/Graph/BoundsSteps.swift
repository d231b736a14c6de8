import Platform

/// Interval arithmetic over a node's operands. Moore 1966, Interval Analysis
extension DressingReader {
    /// The bounds of a node's outputs, of so many numbers each.
    func bounds(_ node: Graph.Node, count: Int) -> Bounds {
        let operand = { (index: Int) in
            node.operands.indices.contains(index) ? self.bounds(of: node.operands[index]) : .none
        }
        switch node.op {
        case let softmax as Softmax:
            return softmax.isLog ? Bounds(-.infinity, 0) : Bounds(0, 1, total: Float(count / max(softmax.extent, 1)))
        case let clip as Relu:
            let (x, low, high) = (operand(0), clip.activation.low, clip.activation.high)
            return Bounds(
                min(max(x.low, low), high), min(max(x.high, low), high), total: low <= 0 ? x.total : .infinity)
        case let quantize as Quantize: return quantize.bounds(operand(0))
        case let reduce as Reduce: return reduce.bounds(operand(0), numbers: reduce.input.count / max(count, 1))
        case let product as MatrixProduct: return matrixProduct(node, product)
        case is MaxPool: return Bounds(operand(0).low, operand(0).high)
        // Padding is counted as 0.
        case is AveragePool: return operand(0).united(with: Bounds(0, 0))
        case is Where: return operand(1).united(with: operand(2))
        case is Comparison: return .fraction
        case is Concat:
            let parts = node.operands.map { bounds(of: $0) }
            let whole = parts.dropFirst().reduce(parts[0]) { $0.united(with: $1) }
            return Bounds(whole.low, whole.high, total: parts.map(\.total).reduce(0, +))
        case is Gather, is Expand: return Bounds(operand(0).low, operand(0).high)
        case let op where op.movesNumbers: return operand(0)
        case let unary as Unary: return unary.function.bounds(operand(0))
        case is Add:
            return node.operands.map { spread($0, count) }.reduce(Bounds(0, 0, total: 0), +)
        case let binary as Binary: return bounds(node, binary, count)
        default: return .none
        }
    }

    func bounds(of source: Graph.Source?) -> Bounds {
        switch source {
        case .value(let value)?: bounds[value]
        case .constant(_, let storage)?: Bounds(storage)
        case nil: .none
        }
    }

    /// Of an operand that is brought to so many numbers.
    private func spread(_ source: Graph.Source?, _ count: Int) -> Bounds {
        let own = bounds(of: source)
        let isWhole =
            switch source {
            case .value(let value)?: values[value].shape.count == count
            case .constant(let shape, _)?: shape.count == count
            case nil: false
            }
        return isWhole ? own : Bounds(own.low, own.high).tightened(count)
    }

    private func bounds(_ node: Graph.Node, _ binary: Binary, _ count: Int) -> Bounds {
        let (first, second) = (node.operands[0]?.value, node.operands[1]?.value)
        if let (part, whole) = quotient(node), bounds[part].isNotNegative, isPart(part, of: whole) {
            return Bounds(0, 1, total: values[whole].shape.count == 1 && isNormaliser(whole, of: part) ? 1 : .infinity)
        }
        let (a, b) = (spread(node.operands[0], count), spread(node.operands[1], count))
        switch binary.kind {
        case .sub:
            let difference = a - b
            guard let first, let second, isAlong(second, first) else { return difference }
            return Bounds(
                reduced(second, .min) == first ? max(difference.low, 0) : difference.low,
                reduced(second, .max) == first || isLogSumExp(second, of: first)
                    ? min(difference.high, 0) : difference.high)
        case .mul:
            let product = a * b
            return first == second ? Bounds(max(product.low, 0), product.high, total: product.total) : product
        case .div: return a / b
        case .max: return Bounds(max(a.low, b.low), max(a.high, b.high))
        case .min: return Bounds(min(a.low, b.low), min(a.high, b.high))
        case .pow where a.isNotNegative: return .corners(a, b, powf)
        case .pow where b.low == b.high && b.low.truncatingRemainder(dividingBy: 2) == 0 && b.low > 0:
            return Bounds(0, max(powf(a.low, b.low), powf(a.high, b.low)))
        default: return .none
        }
    }

    /// Sums of a value's numbers, weighted by each line of a constant matrix.
    private func matrixProduct(_ node: Graph.Node, _ product: MatrixProduct) -> Bounds {
        let (m, n, k) = (product.m, product.n, product.k)
        let isLeft = if case .constant? = node.operands[0] { true } else { false }
        let x = bounds(of: node.operands[isLeft ? 1 : 0])
        guard x.isFinite, product.products == 1, case .constant(_, let storage)? = node.operands[isLeft ? 0 : 1]
        else { return .none }
        let (count, transposes) = isLeft ? (m, !product.transposesA) : (n, product.transposesB)
        let (alpha, xLow, xHigh) = (product.alpha, x.low, x.high)
        var result: Bounds?
        var totals = [Float](repeating: 0, count: k)
        for line in 0..<count {
            var (low, high, least, most) = (Float(0), Float(0), Float(0), Float(0))
            totals.withUnsafeMutableBufferPointer { totals in
                withExtendedLifetime(storage) {
                    let (first, step) = transposes ? (storage.base + line * k, 1) : (storage.base + line, count)
                    for index in 0..<k {
                        let weight = alpha * first[index &* step]
                        low += weight < 0 ? weight * xHigh : weight * xLow
                        high += weight < 0 ? weight * xLow : weight * xHigh
                        least = weight < least ? weight : least
                        most = weight > most ? weight : most
                        totals[index] += weight
                    }
                }
            }
            var sum = Bounds(low, high)
            // Of numbers that add up to `total` at most, the greatest weight takes all.
            if x.isNotNegative { sum = Bounds(max(sum.low, least * x.total), min(sum.high, most * x.total)) }
            if let bias = product.bias {
                sum = sum + (isLeft ? Bounds(of: bias) : Bounds(bias[line], bias[line]))
            }
            result = result?.united(with: sum) ?? sum
        }
        guard var result else { return .none }
        let isBare = product.bias == nil && product.addendFactor == nil
        if isBare, result.isNotNegative {
            result = Bounds(result.low, result.high, total: x.total * (totals.max() ?? 0))
        }
        return product.addendFactor.map { result + bounds(of: node.operands[2]) * Bounds($0, $0) } ?? result
    }
}

extension Quantize {
    fileprivate func bounds(_ x: Bounds) -> Bounds {
        guard scales.values.count == 1, let scale = scales.values.first, let zero = scales.zeros.first, scale > 0 else {
            return .none
        }
        guard let range else { return Bounds((x.low - zero) * scale, (x.high - zero) * scale) }
        func quantised(_ number: Float) -> Float {
            min(max((number / scale).rounded() + zero, range.lowerBound), range.upperBound)
        }
        return Bounds(quantised(x.low), quantised(x.high))
    }
}

extension Reduce {
    /// - Parameter numbers: how many numbers are made one.
    fileprivate func bounds(_ x: Bounds, numbers: Int) -> Bounds {
        let n = Float(numbers), peak = max(abs(x.low), abs(x.high)), least = x.isNotNegative ? x.low : 0
        return switch kind {
        case .mean: Bounds(x.low, x.high, total: x.total / n)
        case .max, .min: Bounds(x.low, x.high, total: x.total)
        case .sum: Bounds(x.low * n, x.high * n, total: x.total)
        case .l1: Bounds(least * n, peak * n, total: x.total)
        case .l2: Bounds(least, peak * n.squareRoot())
        case .sumSquare: Bounds(least * least * n, peak * peak * n)
        case .logSumExp: Bounds(x.low, x.high + logf(n))
        case .product where x.isNotNegative: Bounds(powf(x.low, n), powf(x.high, n))
        case .product, .logSum: .none
        }
    }
}

extension UnaryFunction {
    fileprivate func bounds(_ x: Bounds) -> Bounds {
        switch self {
        case .log, .sqrt: return x.high < 0 ? .none : Bounds(value(max(x.low, 0)), value(x.high))
        case .sigmoid, .hardSigmoid:
            let ends = [value(max(x.low, -1e6)), value(min(x.high, 1e6))]
            return Bounds(ends.min()!, ends.max()!)
        case .atan, .cast, .ceil, .detach, .exp, .floor, .round, .softplus: return Bounds(value(x.low), value(x.high))
        case .neg: return Bounds(-x.high, -x.low)
        case .abs: return x.isNotNegative ? x : Bounds(0, max(-x.low, x.high))
        case .reciprocal: return Bounds(1, 1) / x
        // No less after a rectifier: features that a Tanh closes are no parts of one.
        case .tanh, .erf, .softsign, .sin, .cos: return Bounds(-1, 1)
        case .not, .isNaN, .isInf: return .fraction
        case .elu, .celu, .leakyRelu: return x.isNotNegative ? x : .none
        default: return .none
        }
    }
}
