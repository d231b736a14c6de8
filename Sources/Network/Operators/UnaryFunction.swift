import Platform

/// A function of one number with its derivative.
package struct UnaryFunction: Sendable {
    package let value: @Sendable (Float) -> Float
    /// The derivative at x, where y is the value there.
    package let derivative: @Sendable (_ x: Float, _ y: Float) -> Float
    /// Whether the derivative is 0 everywhere.
    package let isStep: Bool

    /// - Parameter derivative: nil: 0 everywhere, for steps and truth values.
    init(
        _ value: @escaping @Sendable (Float) -> Float,
        _ derivative: (@Sendable (_ x: Float, _ y: Float) -> Float)? = nil
    ) {
        (self.value, self.derivative, isStep) = (value, derivative ?? { _, _ in 0 }, derivative == nil)
    }

    /// A node's function, with its attributes. https://onnx.ai/onnx/operators/
    package init(_ node: NodeReader) throws(OperatorFault) {
        self =
            if let activation = try Self.activation(node) {
                activation
            } else if let plain = Self.plain[node.node.opType] {
                plain
            } else {
                throw .unsupported
            }
    }

    private static func activation(_ node: NodeReader) throws(OperatorFault) -> UnaryFunction? {
        switch node.node.opType {
        case "LeakyRelu":
            let slope = try node.float("alpha", default: 0.01)
            return .init({ $0 > 0 ? $0 : slope * $0 }) { x, _ in x > 0 ? 1 : slope }
        case "Elu":
            let alpha = try node.float("alpha", default: 1)
            return .init({ $0 > 0 ? $0 : alpha * expm1f($0) }) { x, y in x > 0 ? 1 : y + alpha }
        case "Celu":
            let alpha = try node.float("alpha", default: 1)
            return .init({ $0 > 0 ? $0 : alpha * expm1f($0 / alpha) }) { x, _ in x > 0 ? 1 : expf(x / alpha) }
        case "Selu":
            let alpha = try node.float("alpha", default: 1.67326319217681884765625)
            let gamma = try node.float("gamma", default: 1.05070102214813232421875)
            return .init({ gamma * ($0 > 0 ? $0 : alpha * expm1f($0)) }) { x, y in x > 0 ? gamma : y + gamma * alpha }
        case "ThresholdedRelu":
            let alpha = try node.float("alpha", default: 1)
            return .init({ $0 > alpha ? $0 : 0 }) { x, _ in x > alpha ? 1 : 0 }
        case "Shrink":
            let (lambda, bias) = (try node.float("lambd", default: 0.5), try node.float("bias", default: 0))
            return .init({ $0 < -lambda ? $0 + bias : $0 > lambda ? $0 - bias : 0 }) { x, _ in abs(x) > lambda ? 1 : 0 }
        case "HardSigmoid":
            let (alpha, beta) = (try node.float("alpha", default: 0.2), try node.float("beta", default: 0.5))
            return .init({ max(0, min(1, alpha * $0 + beta)) }) { _, y in y > 0 && y < 1 ? alpha : 0 }
        case "Swish":
            let alpha = try node.float("alpha", default: 1)
            return .init({ $0 * sigmoid(alpha * $0) }) { x, y in
                let s = sigmoid(alpha * x)
                return s + alpha * y * (1 - s)
            }
        case "Gelu":
            return try gelu(try node.string("approximate", default: "none"))
        case "IsInf":
            let (negative, positive) = (
                try node.flag("detect_negative", default: true), try node.flag("detect_positive", default: true)
            )
            return .init { $0.isInfinite && ($0 > 0 ? positive : negative) ? 1 : 0 }
        case "Round":
            // Of quantisation, whose gradient passes straight through.
            let value: @Sendable (Float) -> Float = { $0.rounded(.toNearestOrEven) }
            return try node.flag("straight_through") ? .init(value) { _, _ in 1 } : .init(value)
        case "Cast":
            // Casts between float types fold away.
            if node.statedType == .bool { return .init { $0 != 0 ? 1 : 0 } }
            guard let range = node.statedType?.wholeNumbers else { return .init { $0.rounded(.towardZero) } }
            // What does not fit keeps its lowest bits.
            let (low, span) = (range.lowerBound, range.upperBound - range.lowerBound + 1)
            return .init {
                let whole = $0.rounded(.towardZero)
                return whole - ((whole - low) / span).rounded(.down) * span
            }
        default:
            return nil
        }
    }

    /// x * Phi(x), Phi the standard normal distribution, or its approximation by tanh.
    /// Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415
    private static func gelu(_ approximation: String) throws(OperatorFault) -> UnaryFunction {
        switch approximation {
        case "none":
            return .init({ 0.5 * $0 * (1 + erff($0 * Float(0.5).squareRoot())) }) { x, _ in
                0.5 * (1 + erff(x * Float(0.5).squareRoot())) + x * expf(-0.5 * x * x) / (2 * Float.pi).squareRoot()
            }
        case "tanh":
            @Sendable func inner(_ x: Float) -> Float { (2 / Float.pi).squareRoot() * (x + 0.044715 * x * x * x) }
            return .init({ 0.5 * $0 * (1 + tanhf(inner($0))) }) { x, _ in
                let t = tanhf(inner(x))
                return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * (2 / Float.pi).squareRoot() * (1 + 3 * 0.044715 * x * x)
            }
        case let other: throw .attribute("approximate", other)
        }
    }

    private static let sigmoid: @Sendable (Float) -> Float = { 1 / (1 + expf(-$0)) }
    private static let softplus: @Sendable (Float) -> Float = { $0 > 20 ? $0 : log1pf(expf($0)) }

    /// Functions without attributes.
    private static let plain: [String: UnaryFunction] = [
        "Abs": .init({ abs($0) }) { x, _ in x > 0 ? 1 : x < 0 ? -1 : 0 },
        "Acos": .init({ acosf($0) }) { x, _ in -1 / (1 - x * x).squareRoot() },
        "Acosh": .init({ acoshf($0) }) { x, _ in 1 / (x * x - 1).squareRoot() },
        "Asin": .init({ asinf($0) }) { x, _ in 1 / (1 - x * x).squareRoot() },
        "Asinh": .init({ asinhf($0) }) { x, _ in 1 / (1 + x * x).squareRoot() },
        "Atan": .init({ atanf($0) }) { x, _ in 1 / (1 + x * x) },
        "Atanh": .init({ atanhf($0) }) { x, _ in 1 / (1 - x * x) },
        "Ceil": .init { $0.rounded(.up) },
        "Cos": .init({ cosf($0) }) { x, _ in -sinf(x) },
        "Cosh": .init({ coshf($0) }) { x, _ in sinhf(x) },
        "Detach": .init { $0 },
        "Erf": .init({ erff($0) }) { x, _ in 2 / Float.pi.squareRoot() * expf(-x * x) },
        "Exp": .init({ expf($0) }) { _, y in y },
        "Floor": .init { $0.rounded(.down) },
        "HardSwish": .init({ $0 * max(0, min(1, $0 / 6 + 0.5)) }) { x, _ in x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5 },
        "IsNaN": .init { $0.isNaN ? 1 : 0 },
        "Log": .init({ logf($0) }) { x, _ in 1 / x },
        "Mish": .init({ $0 * tanhf(softplus($0)) }) { x, _ in
            let t = tanhf(softplus(x))
            return t + x * (1 - t * t) * sigmoid(x)
        },
        "Neg": .init({ -$0 }) { _, _ in -1 },
        "Not": .init { $0 == 0 ? 1 : 0 },
        "Reciprocal": .init({ 1 / $0 }) { _, y in -y * y },
        "Sigmoid": .init(sigmoid) { _, y in y * (1 - y) },
        "Sign": .init { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 },
        "Sin": .init({ sinf($0) }) { x, _ in cosf(x) },
        "Sinh": .init({ sinhf($0) }) { x, _ in coshf(x) },
        "Softplus": .init(softplus) { x, _ in sigmoid(x) },
        "Softsign": .init({ $0 / (1 + abs($0)) }) { x, _ in 1 / ((1 + abs(x)) * (1 + abs(x))) },
        "Sqrt": .init({ $0.squareRoot() }) { _, y in 0.5 / y },
        "Tan": .init({ tanf($0) }) { _, y in 1 + y * y },
        "Tanh": .init({ tanhf($0) }) { _, y in 1 - y * y },
    ]
}
