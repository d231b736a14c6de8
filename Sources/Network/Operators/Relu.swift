/// max(x, 0), and Clip: min(max(x, low), high), the rectifier of MobileNets as Clip(0, 6).
/// https://onnx.ai/onnx/operators/onnx__Relu.html, onnx__Clip.html
struct Relu: Operator, Kernel {
    let activation: Activation
    let outputShapes: [Shape]
    let gradientReads: GradientReads = .outputs

    init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        outputShapes = [try node.shape(0)]
        activation =
            node.node.opType == "Relu"
            ? .relu
            : Activation(
                low: try node.float("min", orOperand: 1) ?? -.infinity,
                high: try node.float("max", orOperand: 2) ?? .infinity)
    }

    func forward(_ pass: ForwardPass) {
        let (x, y) = (pass.input.base, pass.output.base)
        let (low, high) = (activation.low, activation.high)
        pass.threads.split(pass.images * pass.output.shape.count, grain: 8192) { range in
            for i in range {
                let v = x[i] < low ? low : x[i]
                y[i] = v > high ? high : v
            }
        }
    }

    func overwritesGradient(of operand: Int) -> Bool { true }

    func gradient(_ pass: GradientPass) {
        guard
            let dx = pass.dOperands[0].map({ GradientTarget(base: $0.base, overwrites: pass.overwritten.contains(0)) })
        else { return }
        let (d, y) = (pass.dOutput.base, pass.outputs[0].base)
        pass.threads.split(pass.images * pass.dOutput.shape.count, grain: 8192) { range in
            let start = range.lowerBound
            activation.gradient(d + start, at: y + start, count: range.count, to: dx + start, pass.rule)
        }
    }
}
