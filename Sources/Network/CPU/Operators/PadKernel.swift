extension Pad: CPUOperator, Kernel {
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
