extension Unary: CPUOperator {
    func kernel(_ site: KernelSite) -> any Kernel { UnaryKernel(formula: UnaryFormula(function)) }
}

private struct UnaryKernel: Kernel {
    let formula: UnaryFormula
    let gradientReads: GradientReads = [.operands, .outputs]

    func forward(_ pass: ForwardPass) {
        let (x, y) = (pass.input.base, pass.output.base)
        pass.threads.split(pass.images * pass.output.shape.count, grain: 1024) { range in
            for i in range { y[i] = formula.value(x[i]) }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0]?.base, let derivative = formula.derivative else { return }
        let (d, x, y) = (pass.dOutput.base, pass.operands[0].base, pass.outputs[0].base)
        pass.threads.split(pass.images * pass.dOutput.shape.count, grain: 1024) { range in
            for i in range { dx[i] += d[i] * derivative(x[i], y[i]) }
        }
    }
}
