import ONNX

/// A function of one number. https://onnx.ai/onnx/operators/
package enum UnaryFunction: Hashable, Sendable {
    case abs, acos, acosh, asin, asinh, atan, atanh, ceil, cos, cosh, detach, erf, exp, floor, hardSwish
    case isNaN, log, mish, neg, not, reciprocal, sigmoid, sign, sin, sinh, softplus, softsign, sqrt, tan
    case tanh
    case leakyRelu(slope: Float)
    case elu(alpha: Float)
    case celu(alpha: Float)
    case selu(alpha: Float, gamma: Float)
    case thresholdedRelu(alpha: Float)
    case shrink(lambda: Float, bias: Float)
    case hardSigmoid(alpha: Float, beta: Float)
    case swish(alpha: Float)
    case isInf(negative: Bool, positive: Bool)
    /// `approximates`: by tanh.
    case gelu(approximates: Bool)
    /// To the nearest even number; `passesGradient`: straight through, as quantisation's does.
    case round(passesGradient: Bool)
    /// To whole numbers or truth values; casts between float types fold away.
    case cast(to: ElementType?)

    /// A node's function, with its attributes.
    init(_ node: NodeReader) throws(OperatorFault) {
        switch node.node.opType {
        case "LeakyRelu": self = .leakyRelu(slope: try node.float("alpha", default: 0.01))
        case "Elu": self = .elu(alpha: try node.float("alpha", default: 1))
        case "Celu": self = .celu(alpha: try node.float("alpha", default: 1))
        case "Selu":
            self = .selu(
                alpha: try node.float("alpha", default: 1.67326319217681884765625),
                gamma: try node.float("gamma", default: 1.05070102214813232421875))
        case "ThresholdedRelu": self = .thresholdedRelu(alpha: try node.float("alpha", default: 1))
        case "Shrink":
            self = .shrink(lambda: try node.float("lambd", default: 0.5), bias: try node.float("bias", default: 0))
        case "HardSigmoid":
            self = .hardSigmoid(
                alpha: try node.float("alpha", default: 0.2), beta: try node.float("beta", default: 0.5))
        case "Swish": self = .swish(alpha: try node.float("alpha", default: 1))
        case "IsInf":
            self = .isInf(
                negative: try node.flag("detect_negative", default: true),
                positive: try node.flag("detect_positive", default: true))
        case "Gelu":
            let approximation = try node.string("approximate", default: "none")
            guard ["none", "tanh"].contains(approximation) else { throw .attribute("approximate", approximation) }
            self = .gelu(approximates: approximation == "tanh")
        case "Round": self = .round(passesGradient: try node.flag("straight_through"))
        case "Cast": self = .cast(to: node.castType)
        default:
            guard let plain = Self.plain[node.node.opType] else { throw .unsupported }
            self = plain
        }
    }

    /// Functions without attributes, by their ONNX names.
    private static let plain: [String: UnaryFunction] = [
        "Abs": .abs, "Acos": .acos, "Acosh": .acosh, "Asin": .asin, "Asinh": .asinh, "Atan": .atan, "Atanh": .atanh,
        "Ceil": .ceil, "Cos": .cos, "Cosh": .cosh, "Detach": .detach, "Erf": .erf, "Exp": .exp, "Floor": .floor,
        "HardSwish": .hardSwish, "IsNaN": .isNaN, "Log": .log, "Mish": .mish, "Neg": .neg, "Not": .not,
        "Reciprocal": .reciprocal, "Sigmoid": .sigmoid, "Sign": .sign, "Sin": .sin, "Sinh": .sinh,
        "Softplus": .softplus, "Softsign": .softsign, "Sqrt": .sqrt, "Tan": .tan, "Tanh": .tanh,
    ]

    /// Whether the derivative is 0 everywhere.
    package var isStep: Bool { UnaryFormula(self).derivative == nil }

    /// The value at x.
    func value(_ x: Float) -> Float { UnaryFormula(self).value(x) }
}
