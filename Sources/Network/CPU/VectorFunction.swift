import CKernels

/// A function of many numbers at a time, with its parameters.
struct VectorFunction {
    let which: gradcam_function
    let a, b: Float

    init(_ bounds: Activation) { (which, a, b) = (gradcam_clip, bounds.low, bounds.high) }

    /// nil for a function that is computed number by number.
    init?(_ function: UnaryFunction) {
        switch function {
        case .exp: (which, a, b) = (gradcam_exp, 0, 0)
        case .erf: (which, a, b) = (gradcam_erf, 0, 0)
        case .sigmoid: (which, a, b) = (gradcam_sigmoid, 0, 0)
        case .swish(let alpha): (which, a, b) = (gradcam_swish, alpha, 0)
        case .gelu(let approximates): (which, a, b) = (approximates ? gradcam_gelu_tanh : gradcam_gelu, 0, 0)
        case .mish: (which, a, b) = (gradcam_mish, 0, 0)
        case .hardSigmoid(let alpha, let beta): (which, a, b) = (gradcam_hard_sigmoid, alpha, beta)
        case .hardSwish: (which, a, b) = (gradcam_hard_swish, 0, 0)
        case .leakyRelu(let slope): (which, a, b) = (gradcam_leaky_relu, slope, 0)
        default: return nil
        }
    }
}

extension gradcam_epilogue {
    init(
        scale: UnsafePointer<Float>?, shift: UnsafePointer<Float>?, residual: UnsafePointer<Float>?,
        _ vectors: VectorFunction
    ) {
        self.init(
            scale: scale, shift: shift, residual: residual, function: vectors.which, a: vectors.a, b: vectors.b)
    }
}
