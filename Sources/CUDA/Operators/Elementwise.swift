import CCUDA
import Network

extension Unary: CUDAOperator {
    var gradientReads: GradientReads { slope == nil ? [] : [.operands, .outputs] }

    /// The kernels' function, with its numbers.
    private var kernel: (function: unary_function, a: Float, b: Float) {
        switch function {
        case .abs: (unary_abs, 0, 0)
        case .acos: (unary_acos, 0, 0)
        case .acosh: (unary_acosh, 0, 0)
        case .asin: (unary_asin, 0, 0)
        case .asinh: (unary_asinh, 0, 0)
        case .atan: (unary_atan, 0, 0)
        case .atanh: (unary_atanh, 0, 0)
        case .ceil: (unary_ceil, 0, 0)
        case .cos: (unary_cos, 0, 0)
        case .cosh: (unary_cosh, 0, 0)
        case .detach: (unary_copy, 0, 0)
        case .erf: (unary_erf, 0, 0)
        case .exp: (unary_exp, 0, 0)
        case .floor: (unary_floor, 0, 0)
        case .hardSwish: (unary_hard_swish, 0, 0)
        case .isNaN: (unary_is_nan, 0, 0)
        case .log: (unary_log, 0, 0)
        case .mish: (unary_mish, 0, 0)
        case .neg: (unary_neg, 0, 0)
        case .not: (unary_not, 0, 0)
        case .reciprocal: (unary_reciprocal, 0, 0)
        case .sigmoid: (unary_sigmoid, 0, 0)
        case .sign: (unary_sign, 0, 0)
        case .sin: (unary_sin, 0, 0)
        case .sinh: (unary_sinh, 0, 0)
        case .softplus: (unary_softplus, 0, 0)
        case .softsign: (unary_softsign, 0, 0)
        case .sqrt: (unary_sqrt, 0, 0)
        case .tan: (unary_tan, 0, 0)
        case .tanh: (unary_tanh, 0, 0)
        case .leakyRelu(let slope): (unary_leaky_relu, slope, 0)
        case .elu(let alpha): (unary_elu, alpha, 0)
        case .celu(let alpha): (unary_celu, alpha, 0)
        case .selu(let alpha, let gamma): (unary_selu, alpha, gamma)
        case .thresholdedRelu(let alpha): (unary_thresholded_relu, alpha, 0)
        case .shrink(let lambda, let bias): (unary_shrink, lambda, bias)
        case .hardSigmoid(let alpha, let beta): (unary_hard_sigmoid, alpha, beta)
        case .swish(let alpha): (unary_swish, alpha, 0)
        case .isInf(let negative, let positive): (unary_is_inf, negative ? 1 : 0, positive ? 1 : 0)
        case .gelu(let approximates): (approximates ? unary_gelu_tanh : unary_gelu, 0, 0)
        case .round: (unary_round, 0, 0)
        case .cast(to: .bool): (unary_truth, 0, 0)
        case .cast(let type):
            if let range = type?.wholeNumbers {
                (unary_wrap, range.lowerBound, range.upperBound - range.lowerBound + 1)
            } else {
                (unary_truncate, 0, 0)
            }
        }
    }

    /// nil where no gradient passes.
    private var slope: Int32? { function.isStep ? nil : Int32(kernel.function.rawValue) }

    func forward(_ pass: Pass) throws(NetworkError) {
        let (x, keep) = try pass.dense(0, outputShapes[0]), kernel = kernel
        try withExtendedLifetime(keep) { () throws(NetworkError) in
            try pass.stream.launch(
                unary_forward(
                    count: Int64(pass.images * outputShapes[0].count), function: Int32(kernel.function.rawValue),
                    a: kernel.a, b: kernel.b, x: x, y: pass.y))
        }
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0], let slope else { return }
        try pass.stream.launch(
            unary_gradient(
                count: Int64(pass.images * outputShapes[0].count), function: slope, a: kernel.a, b: kernel.b,
                x: pass.pass.x, y: pass.pass.y, d: pass.d, t: t))
    }
}

extension Relu: CUDAOperator {
    var gradientReads: GradientReads { .outputs }

    func forward(_ pass: Pass) throws(NetworkError) {
        let (x, keep) = try pass.dense(0, outputShapes[0])
        try withExtendedLifetime(keep) { () throws(NetworkError) in
            try pass.stream.launch(
                clip_forward(
                    count: Int64(pass.images * outputShapes[0].count), low: activation.low, high: activation.high, x: x,
                    y: pass.y))
        }
    }

    /// Only what cuts off at zero is a rectifier, to which the rules apply.
    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        let rule =
            switch activation.low == 0 ? pass.rule : .plain {
            case .plain: rectifier_plain
            case .guided: rectifier_guided
            case .deconvnet: rectifier_deconvnet
            }
        try pass.stream.launch(
            clip_gradient(
                count: Int64(pass.images * outputShapes[0].count), low: activation.low, high: activation.high,
                rule: Int32(rule.rawValue), y: pass.pass.y, d: pass.d, t: t))
    }
}

extension BatchNormalization: CUDAOperator {
    func tables(of input: Shape) -> [Table] { [.floats(scale), .floats(shift)] }

    private var inner: Int { outputShapes[0].dims[2...].reduce(1, *) }

    func forward(_ pass: Pass) throws(NetworkError) {
        let (x, keep) = try pass.dense(0, outputShapes[0])
        try withExtendedLifetime(keep) { () throws(NetworkError) in
            try pass.stream.launch(
                channels_forward(
                    count: Int64(pass.images * outputShapes[0].count), channels: Int64(scale.count),
                    inner: Int64(inner), scale: try pass.table(0), shift: try pass.table(1), x: x, y: pass.y))
        }
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        try pass.stream.launch(
            channels_gradient(
                count: Int64(pass.images * outputShapes[0].count), channels: Int64(scale.count), inner: Int64(inner),
                scale: try pass.pass.table(0), d: pass.d, t: t))
    }
}

extension Quantize: CUDAOperator {
    var gradientReads: GradientReads { range == nil ? [] : .operands }
    func tables(of input: Shape) -> [Table] {
        [.floats(scales.values), .floats(scales.zeros), .integers((scales.blocks ?? []).map { Int32(bitPattern: $0) })]
    }

    private var shape: Shape { outputShapes[0] }
    private var inner: Int { scales.values.count == 1 ? 1 : shape.rowMajor[scales.axis] }

    func forward(_ pass: Pass) throws(NetworkError) {
        let (x, keep) = try pass.dense(0, shape)
        try withExtendedLifetime(keep) { () throws(NetworkError) in
            try pass.stream.launch(
                quantize_forward(
                    count: Int64(pass.images * shape.count), numbers: Int64(shape.count),
                    slices: Int64(scales.values.count), inner: Int64(inner), quantizes: range == nil ? 0 : 1,
                    low: range?.lowerBound ?? 0, high: range?.upperBound ?? 0,
                    blocks: scales.blocks == nil ? 0 : try pass.table(2), scales: try pass.table(0),
                    zeros: try pass.table(1), x: x, y: pass.y))
        }
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        try pass.stream.launch(
            quantize_gradient(
                count: Int64(pass.images * shape.count), numbers: Int64(shape.count),
                slices: Int64(scales.values.count), inner: Int64(inner), quantizes: range == nil ? 0 : 1,
                low: range?.lowerBound ?? 0, high: range?.upperBound ?? 0,
                blocks: scales.blocks == nil ? 0 : try pass.pass.table(2), scales: try pass.pass.table(0),
                zeros: try pass.pass.table(1), x: pass.pass.x, d: pass.d, t: t))
    }
}
