import CKernels
import Platform

extension Binary: CPUOperator, Kernel {
    var gradientReads: GradientReads { [.operands, .outputs] }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        LayoutRule.broadcasting(arriving, outputShapes[0])
    }

    func reads(_ strides: [Int], operand: Int, gradient: Bool) -> Bool { strides.allSatisfy { $0 >= 0 } }

    func forward(_ pass: ForwardPass) {
        switch kind {
        case .sub: pass.walkParts { $0.combine(gradcam_difference, 1, 2) }
        case .mul: pass.walkParts { $0.combine(gradcam_product, 1, 2) }
        case .div: pass.walkParts { $0.combine(gradcam_quotient, 1, 2) }
        case .pow: elementwise(pass) { powf($0, $1) }
        case .min: elementwise(pass) { lesser($0, $1) }
        case .max: elementwise(pass) { greater($0, $1) }
        case .mod where truncates: elementwise(pass) { fmodf($0, $1) }
        case .mod:
            elementwise(pass) { a, b in
                let rest = fmodf(a, b)
                return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
            }
        case .prelu: elementwise(pass) { $0 > 0 ? $0 : $0 * $1 }
        }
    }

    func gradient(_ pass: GradientPass) {
        switch kind {
        case .sub: elementwise(pass, { d, _, _, _ in d }, { d, _, _, _ in -d })
        case .mul: elementwise(pass, { d, _, b, _ in d * b }, { d, a, _, _ in d * a })
        case .div: elementwise(pass, { d, _, b, _ in d / b }, { d, _, b, y in -d * y / b })
        case .pow:
            elementwise(pass, { d, a, b, _ in d * b * powf(a, b - 1) }, { d, a, _, y in d * y * logf(a) })
        case .min:
            elementwise(
                pass, { d, a, b, _ in Self.share(d, a, b, a < b) }, { d, a, b, _ in Self.share(d, a, b, b < a) })
        case .mod:
            elementwise(
                pass, { d, _, _, _ in d }, { d, a, b, _ in -d * (a / b).rounded(truncates ? .towardZero : .down) })
        case .prelu: elementwise(pass, { d, a, b, _ in a > 0 ? d : d * b }, { d, a, _, _ in a > 0 ? 0 : d * a })
        case .max:
            elementwise(
                pass, { d, a, b, _ in Self.share(d, a, b, a > b) }, { d, a, b, _ in Self.share(d, a, b, b > a) })
        }
    }

    /// Of two equal numbers each gets half of the gradient, as in PyTorch.
    private static func share(_ d: Float, _ a: Float, _ b: Float, _ wins: Bool) -> Float {
        a == b ? d / 2 : wins ? d : 0
    }

    @inline(__always)
    private func elementwise(_ pass: ForwardPass, _ f: (Float, Float) -> Float) {
        pass.walk { y, x, n, s in
            let (a, b) = (x[0], x[1])
            switch (s[0], s[1], s[2]) {
            case (1, 1, 1): for i in 0..<n { y[i] = f(a[i], b[i]) }
            case (1, 1, 0): for i in 0..<n { y[i] = f(a[i], b[0]) }
            default: for i in 0..<n { y[i * s[0]] = f(a[i * s[1]], b[i * s[2]]) }
            }
        }
    }

    @inline(__always)
    private func elementwise(
        _ pass: GradientPass, _ da: (Float, Float, Float, Float) -> Float, _ db: (Float, Float, Float, Float) -> Float
    ) {
        pass.walk(0) { t, d, y, x, n, s in
            for i in 0..<n { t[i * s[0]] += da(d[i * s[1]], x[0][i * s[3]], x[1][i * s[4]], y[i * s[2]]) }
        }
        pass.walk(1) { t, d, y, x, n, s in
            for i in 0..<n { t[i * s[0]] += db(d[i * s[1]], x[0][i * s[3]], x[1][i * s[4]], y[i * s[2]]) }
        }
    }
}
