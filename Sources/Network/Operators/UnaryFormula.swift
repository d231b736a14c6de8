import Platform

/// A function and its derivative.
struct UnaryFormula: Sendable {
    let value: @Sendable (Float) -> Float
    /// The derivative at x, where y is the value there; nil: 0 everywhere, for steps and truth values.
    let derivative: (@Sendable (_ x: Float, _ y: Float) -> Float)?

    init(
        _ value: @escaping @Sendable (Float) -> Float,
        _ derivative: (@Sendable (_ x: Float, _ y: Float) -> Float)? = nil
    ) {
        (self.value, self.derivative) = (value, derivative)
    }
}

extension UnaryFormula {
    init(_ function: UnaryFunction) { self = Self.of(function) }

    private static func of(_ function: UnaryFunction) -> UnaryFormula {
        switch function {
        case .abs: return .init({ abs($0) }) { x, _ in x > 0 ? 1 : x < 0 ? -1 : 0 }
        case .acos: return .init({ acosf($0) }) { x, _ in -1 / (1 - x * x).squareRoot() }
        case .acosh: return .init({ acoshf($0) }) { x, _ in 1 / (x * x - 1).squareRoot() }
        case .asin: return .init({ asinf($0) }) { x, _ in 1 / (1 - x * x).squareRoot() }
        case .asinh: return .init({ asinhf($0) }) { x, _ in 1 / (1 + x * x).squareRoot() }
        case .atan: return .init({ atanf($0) }) { x, _ in 1 / (1 + x * x) }
        case .atanh: return .init({ atanhf($0) }) { x, _ in 1 / (1 - x * x) }
        case .ceil: return .init { $0.rounded(.up) }
        case .cos: return .init({ cosf($0) }) { x, _ in -sinf(x) }
        case .cosh: return .init({ coshf($0) }) { x, _ in sinhf(x) }
        case .detach: return .init { $0 }
        case .erf: return .init({ erff($0) }) { x, _ in 2 / Float.pi.squareRoot() * expf(-x * x) }
        case .exp: return .init({ expf($0) }) { _, y in y }
        case .floor: return .init { $0.rounded(.down) }
        case .hardSwish:
            return .init({ $0 * max(0, min(1, $0 / 6 + 0.5)) }) { x, _ in x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5 }
        case .isNaN: return .init { $0.isNaN ? 1 : 0 }
        case .log: return .init({ logf($0) }) { x, _ in 1 / x }
        case .mish:
            return .init({ $0 * tanhf(softplus($0)) }) { x, _ in
                let t = tanhf(softplus(x))
                return t + x * (1 - t * t) * sigmoid(x)
            }
        case .neg: return .init({ -$0 }) { _, _ in -1 }
        case .not: return .init { $0 == 0 ? 1 : 0 }
        case .reciprocal: return .init({ 1 / $0 }) { _, y in -y * y }
        case .sigmoid: return .init(sigmoid) { _, y in y * (1 - y) }
        case .sign: return .init { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }
        case .sin: return .init({ sinf($0) }) { x, _ in cosf(x) }
        case .sinh: return .init({ sinhf($0) }) { x, _ in coshf(x) }
        case .softplus: return .init(softplus) { x, _ in sigmoid(x) }
        case .softsign: return .init({ $0 / (1 + abs($0)) }) { x, _ in 1 / ((1 + abs(x)) * (1 + abs(x))) }
        case .sqrt: return .init({ $0.squareRoot() }) { _, y in 0.5 / y }
        case .tan: return .init({ tanf($0) }) { _, y in 1 + y * y }
        case .tanh: return .init({ tanhf($0) }) { _, y in 1 - y * y }
        case .leakyRelu(let slope):
            return .init({ $0 > 0 ? $0 : slope * $0 }) { x, _ in x > 0 ? 1 : slope }
        case .elu(let alpha):
            return .init({ $0 > 0 ? $0 : alpha * expm1f($0) }) { x, y in x > 0 ? 1 : y + alpha }
        case .celu(let alpha):
            return .init({ $0 > 0 ? $0 : alpha * expm1f($0 / alpha) }) { x, _ in x > 0 ? 1 : expf(x / alpha) }
        case .selu(let alpha, let gamma):
            return .init({ gamma * ($0 > 0 ? $0 : alpha * expm1f($0)) }) { x, y in x > 0 ? gamma : y + gamma * alpha }
        case .thresholdedRelu(let alpha):
            return .init({ $0 > alpha ? $0 : 0 }) { x, _ in x > alpha ? 1 : 0 }
        case .shrink(let lambda, let bias):
            return .init({ $0 < -lambda ? $0 + bias : $0 > lambda ? $0 - bias : 0 }) { x, _ in abs(x) > lambda ? 1 : 0 }
        case .hardSigmoid(let alpha, let beta):
            return .init({ max(0, min(1, alpha * $0 + beta)) }) { _, y in y > 0 && y < 1 ? alpha : 0 }
        case .swish(let alpha):
            return .init({ $0 * sigmoid(alpha * $0) }) { x, y in
                let s = sigmoid(alpha * x)
                return s + alpha * y * (1 - s)
            }
        case .isInf(let negative, let positive):
            return .init { $0.isInfinite && ($0 > 0 ? positive : negative) ? 1 : 0 }
        // x * Phi(x), Phi the standard normal distribution, or its approximation by tanh.
        // Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415
        case .gelu(approximates: false):
            return .init({ 0.5 * $0 * (1 + erff($0 * Float(0.5).squareRoot())) }) { x, _ in
                0.5 * (1 + erff(x * Float(0.5).squareRoot())) + x * expf(-0.5 * x * x) / (2 * Float.pi).squareRoot()
            }
        case .gelu(approximates: true):
            @Sendable func inner(_ x: Float) -> Float { (2 / Float.pi).squareRoot() * (x + 0.044715 * x * x * x) }
            return .init({ 0.5 * $0 * (1 + tanhf(inner($0))) }) { x, _ in
                let t = tanhf(inner(x))
                return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * (2 / Float.pi).squareRoot() * (1 + 3 * 0.044715 * x * x)
            }
        case .round(let passesGradient):
            let value: @Sendable (Float) -> Float = { $0.rounded(.toNearestOrEven) }
            return passesGradient ? .init(value) { _, _ in 1 } : .init(value)
        case .cast(to: .bool): return .init { $0 != 0 ? 1 : 0 }
        case .cast(let type):
            guard let range = type?.wholeNumbers else { return .init { $0.rounded(.towardZero) } }
            // What does not fit keeps its lowest bits.
            let (low, span) = (range.lowerBound, range.upperBound - range.lowerBound + 1)
            return .init {
                let whole = $0.rounded(.towardZero)
                return whole - ((whole - low) / span).rounded(.down) * span
            }
        }
    }

    private static let sigmoid: @Sendable (Float) -> Float = { 1 / (1 + expf(-$0)) }
    private static let softplus: @Sendable (Float) -> Float = { $0 > 20 ? $0 : log1pf(expf($0)) }
}
