extension TopK: CPUOperator, Kernel {
    var gradientReads: GradientReads { .operands }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        LayoutRule.plain(arriving, outputs: 2)
    }

    /// Calls `body(place in the outputs, place along the axis, place in the operand)` for the elements that are found.
    private func forEach(_ images: Int, _ x: UnsafePointer<Float>, _ body: (Int, Int, Int) -> Void) {
        for line in 0..<images * outer * inner {
            let (start, target) = (
                line / inner * extent * inner + line % inner, line / inner * k * inner + line % inner
            )
            let sign: Float = findsGreatest ? 1 : -1
            let order = (0..<extent).sorted { a, b in
                let (left, right) = (sign * x[start + a * inner], sign * x[start + b * inner])
                return left == right ? a < b : left > right
            }
            for (rank, index) in order.prefix(k).enumerated() {
                body(target + rank * inner, index, start + index * inner)
            }
        }
    }

    func forward(_ pass: ForwardPass) {
        let x = pass.input.base
        forEach(pass.images, x) { target, index, source in
            pass.outputs[0].base[target] = x[source]
            if pass.outputs.count > 1 { pass.outputs[1].base[target] = Float(index) }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0]?.base else { return }
        forEach(pass.images, pass.operands[0].base) { target, _, source in dx[source] += pass.dOutput.base[target] }
    }
}
