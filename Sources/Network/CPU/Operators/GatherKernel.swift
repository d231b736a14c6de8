extension Gather: CPUOperator, Kernel {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.plain(arriving) }

    /// Visits every run of the output with the run of the operand that it is a copy of.
    private func forEachRun(_ body: (_ output: Int, _ operand: Int) -> Void) {
        for o in 0..<outer {
            for (i, index) in indices.enumerated() {
                body((o * indices.count + i) * inner, (o * extent + Int(index)) * inner)
            }
        }
    }

    func forward(_ pass: ForwardPass) {
        for image in 0..<pass.images {
            let (x, y) = (pass.input.image(image), pass.output.image(image))
            forEachRun { (y + $0).update(from: x + $1, count: inner) }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0] else { return }
        for image in 0..<pass.images {
            let (t, d) = (dx.image(image), pass.dOutput.image(image))
            forEachRun { output, operand in for i in 0..<inner { t[operand + i] += d[output + i] } }
        }
    }
}
