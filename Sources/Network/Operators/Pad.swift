/// A border of a constant, of the mirrored or of the repeated edge around a tensor.
/// https://onnx.ai/onnx/operators/onnx__Pad.html
struct Pad: Operator, Kernel {
    /// For every axis, the source index of every output index; -1 where the border's constant stands.
    let sources: [[Int]]
    let value: Float
    let outputShapes: [Shape]

    init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        guard let stated = try node.ints("pads", orOperand: 1) else { throw .missingOperand(1) }
        let axes = node.has(3) ? try node.axes(try node.integers(3), in: input) : Array(0..<input.rank)
        guard stated.count == 2 * axes.count else { throw .shape("pads \(stated) do not fit \(input)") }
        value = try node.float("value", orOperand: 2) ?? 0
        let mode = try node.string("mode", default: "constant")
        guard ["constant", "reflect", "edge", "wrap"].contains(mode) else { throw .attribute("mode", mode) }
        var sources = input.dims.map { Array(0..<$0) }
        for (i, axis) in axes.enumerated() {
            let (before, after, extent) = (stated[i], stated[i + axes.count], input[axis])
            let count = extent + before + after
            guard count >= 0, abs(before) < 1 << 20, abs(after) < 1 << 20, extent > 0 else {
                throw .shape("pads \(stated) do not fit \(input)")
            }
            sources[axis] = (0..<count).map { index in
                let at = index - before
                if (0..<extent).contains(at) { return at }
                switch mode {
                case "edge": return min(max(at, 0), extent - 1)
                case "wrap": return (at % extent + extent) % extent
                case "reflect":
                    let period = max(1, 2 * (extent - 1))
                    let folded = (at % period + period) % period
                    return folded < extent ? folded : period - folded
                default: return -1
                }
            }
        }
        self.sources = sources
        outputShapes = [Shape(sources.map(\.count))]
    }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        let layout = arriving.first.flatMap { $0 } ?? .plain
        return ([layout] + arriving.dropFirst().map { _ in .plain }, [layout])
    }

    /// Visits every element of the output with its source in the operand, or nil in a constant border.
    private func forEach(_ operand: TensorView, _ output: TensorView, _ body: (Int, Int?) -> Void) {
        let order = output.layout.order(rank: output.shape.rank)
        let strides = operand.strides
        var index = 0
        func visit(_ depth: Int, _ offset: Int?) {
            let axis = order[depth]
            for source in sources[axis] {
                let next = source < 0 ? nil : offset.map { $0 + source * strides[axis] }
                if depth + 1 < order.count {
                    visit(depth + 1, next)
                } else {
                    body(index, next)
                    index += 1
                }
            }
        }
        if order.isEmpty { body(0, 0) } else { visit(0, 0) }
    }

    func forward(_ pass: ForwardPass) {
        for image in 0..<pass.images {
            let (x, y) = (pass.input.image(image), pass.output.image(image))
            forEach(pass.input, pass.output) { y[$0] = $1.map { x[$0] } ?? value }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0] else { return }
        for image in 0..<pass.images {
            let (t, d) = (dx.image(image), pass.dOutput.image(image))
            forEach(dx, pass.dOutput) { if let source = $1 { t[source] += d[$0] } }
        }
    }
}
