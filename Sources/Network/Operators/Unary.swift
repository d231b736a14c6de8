#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Elementwise functions of one operand, each with its derivative. https://onnx.ai/onnx/operators/
struct Unary: Operator, Kernel {
    struct Function: Sendable {
        let value: @Sendable (Float) -> Float
        /// The derivative at x, where y is the value there.
        let derivative: @Sendable (_ x: Float, _ y: Float) -> Float
    }

    let function: Function
    let outputShapes: [Shape]
    let gradientReads: GradientReads = [.operands, .outputs]

    init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        outputShapes = [try node.shape(0)]
        function = try Self.function(node)
    }

    private static func function(_ node: NodeReader) throws(OperatorFault) -> Function {
        switch node.node.opType {
        case "LeakyRelu":
            let slope = try node.float("alpha", default: 0.01)
            return Function(value: { $0 > 0 ? $0 : slope * $0 }, derivative: { x, _ in x > 0 ? 1 : slope })
        case "Elu":
            let alpha = try node.float("alpha", default: 1)
            return Function(value: { $0 > 0 ? $0 : alpha * expm1f($0) }, derivative: { x, y in x > 0 ? 1 : y + alpha })
        case "Sigmoid":
            return Function(value: sigmoid, derivative: { _, y in y * (1 - y) })
        case "HardSigmoid":
            let (alpha, beta) = (try node.float("alpha", default: 0.2), try node.float("beta", default: 0.5))
            return Function(
                value: { max(0, min(1, alpha * $0 + beta)) }, derivative: { _, y in y > 0 && y < 1 ? alpha : 0 })
        case "HardSwish":
            return Function(
                value: { $0 * max(0, min(1, $0 / 6 + 0.5)) },
                derivative: { x, _ in x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5 })
        case "Softplus":
            return Function(value: { $0 > 20 ? $0 : log1pf(expf($0)) }, derivative: { x, _ in sigmoid(x) })
        case "Tanh": return Function(value: tanhf, derivative: { _, y in 1 - y * y })
        case "Exp": return Function(value: expf, derivative: { _, y in y })
        case "Log": return Function(value: logf, derivative: { x, _ in 1 / x })
        case "Sqrt": return Function(value: { $0.squareRoot() }, derivative: { _, y in 0.5 / y })
        case "Reciprocal": return Function(value: { 1 / $0 }, derivative: { _, y in -y * y })
        case "Neg": return Function(value: { -$0 }, derivative: { _, _ in -1 })
        case "Abs": return Function(value: { abs($0) }, derivative: { x, _ in x > 0 ? 1 : x < 0 ? -1 : 0 })
        case "Erf":
            return Function(value: erff, derivative: { x, _ in 2 / Float.pi.squareRoot() * expf(-x * x) })
        case "Floor": return Function(value: { $0.rounded(.down) }, derivative: { _, _ in 0 })
        case "Ceil": return Function(value: { $0.rounded(.up) }, derivative: { _, _ in 0 })
        default: throw .unsupported
        }
    }

    private static let sigmoid: @Sendable (Float) -> Float = { 1 / (1 + expf(-$0)) }

    func forward(_ pass: ForwardPass) {
        let (x, y) = (pass.input.base, pass.output.base)
        pass.threads.split(pass.images * pass.output.shape.count, grain: 1024) { range in
            for i in range { y[i] = function.value(x[i]) }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0]?.base else { return }
        let (d, x, y) = (pass.dOutput.base, pass.operands[0].base, pass.outputs[0].base)
        pass.threads.split(pass.images * pass.dOutput.shape.count, grain: 1024) { range in
            for i in range { dx[i] += d[i] * function.derivative(x[i], y[i]) }
        }
    }
}
