import CKernels

extension Unary: CPUOperator {
    func kernel(_ site: KernelSite) -> any Kernel {
        VectorFunction(function).map(VectorKernel.init) ?? FormulaKernel(UnaryFormula(function))
    }
}

private struct VectorKernel: Kernel {
    let function: VectorFunction
    var gradientReads: GradientReads { .operands }

    func forward(_ pass: ForwardPass) {
        let (x, y) = (pass.input.base, pass.output.base)
        pass.threads.split(pass.images * pass.output.shape.count, grain: 1024) { range in
            let first = range.lowerBound
            gradcam_function(function.which, function.a, function.b, x + first, 0, y + first, 0, 1, range.count)
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0]?.base else { return }
        let (d, x) = (pass.dOutput.base, pass.operands[0].base)
        pass.threads.split(pass.images * pass.dOutput.shape.count, grain: 1024) { range in
            let first = range.lowerBound
            gradcam_function_gradient(
                function.which, function.a, function.b, x + first, d + first, dx + first, range.count)
        }
    }
}

private struct FormulaKernel: Kernel {
    private let formula: UnaryFormula
    let gradientReads: GradientReads = [.operands, .outputs]

    init(_ formula: UnaryFormula) { self.formula = formula }

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
