import CKernels

extension Unary: CPUOperator {
    func kernel(_ site: KernelSite) -> any Kernel { UnaryKernel(function) }
}

private struct UnaryKernel: Kernel {
    private let formula: UnaryFormula
    /// The same function of many numbers at a time, with its parameter.
    private let vectors: (function: gradcam_function, by: Float)?
    let gradientReads: GradientReads = [.operands, .outputs]

    init(_ function: UnaryFunction) {
        formula = UnaryFormula(function)
        vectors =
            switch function {
            case .exp: (gradcam_exp, 0)
            case .erf: (gradcam_erf, 0)
            case .sigmoid: (gradcam_sigmoid, 0)
            case .swish(let alpha): (gradcam_swish, alpha)
            case .gelu(approximates: false): (gradcam_gelu, 0)
            default: nil
            }
    }

    func forward(_ pass: ForwardPass) {
        let (x, y) = (pass.input.base, pass.output.base)
        pass.threads.split(pass.images * pass.output.shape.count, grain: 1024) { range in
            if let vectors {
                let first = range.lowerBound
                gradcam_function(vectors.function, vectors.by, x + first, y + first, range.count)
            } else {
                for i in range { y[i] = formula.value(x[i]) }
            }
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
