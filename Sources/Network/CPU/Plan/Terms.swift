/// p(x) + q(x) * f(r(x)) with polynomials p, q and r: what a few elementwise nodes make of x.
struct Terms {
    private enum Outer {
        case erf, tanh, sigmoid, softplus, tanhOfSoftplus
        /// min(max(r, 0), 1)
        case clipped
    }

    private var p: Polynomial
    private var q = Polynomial([])
    private var outer: (f: Outer, r: Polynomial)?

    static let input = Terms(p: Polynomial([0, 1]))
    static func constant(_ value: Double) -> Terms { Terms(p: Polynomial([value])) }

    private static func of(_ f: Outer, _ r: Polynomial, times factor: Double = 1) -> Terms {
        Terms(p: Polynomial([]), q: Polynomial([factor]), outer: (f, r))
    }

    /// The number that it is, where it is the same for every x.
    private var constant: Double? { outer == nil ? p.constant : nil }

    static func + (a: Terms, b: Terms) -> Terms? {
        if let one = a.outer, let other = b.outer, one.f != other.f || one.r != other.r { return nil }
        return Terms(p: a.p + b.p, q: a.q + b.q, outer: a.outer ?? b.outer)
    }

    static func * (a: Terms, b: Terms) -> Terms? {
        guard b.outer == nil else { return a.outer == nil ? b * a : nil }
        guard let p = a.p * b.p, let q = a.q * b.p else { return nil }
        return Terms(p: p, q: q, outer: a.outer)
    }

    func combined(_ kind: Binary.Kind, _ other: Terms) -> Terms? {
        switch kind {
        case .mul: self * other
        case .div: other.constant.flatMap { $0 == 0 ? nil : self * .constant(1 / $0) }
        case .sub: (other * .constant(-1)).flatMap { self + $0 }
        case .pow:
            switch other.constant {
            case 2: self * self
            case 3: (self * self).flatMap { $0 * self }
            default: nil
            }
        default: nil
        }
    }

    func applying(_ function: UnaryFunction) -> Terms? {
        switch (function, outer?.f) {
        case (.neg, _): self * .constant(-1)
        case (.erf, nil): .of(.erf, p)
        case (.tanh, nil): .of(.tanh, p)
        case (.sigmoid, nil): .of(.sigmoid, p)
        case (.softplus, nil): .of(.softplus, p)
        case (.tanh, .softplus) where p == Polynomial([]) && q == Polynomial([1]): .of(.tanhOfSoftplus, outer!.r)
        case (.hardSigmoid(let alpha, let beta), nil):
            (self * .constant(Double(alpha))).map { .of(.clipped, $0.p + Polynomial([Double(beta)])) }
        default: nil
        }
    }

    /// Between 0 and a number above.
    func clipped(_ bounds: Activation) -> Terms? {
        guard outer == nil, bounds.low == 0, bounds.high > 0, bounds.high < .infinity else { return nil }
        let high = Double(bounds.high)
        return (p * Polynomial([1 / high])).map { .of(.clipped, $0, times: high) }
    }

    /// The function that it is.
    var function: UnaryFunction? {
        guard let (f, r) = outer else { return nil }
        let (zero, half, x) = (Polynomial([]), Polynomial([0, 0.5]), Polynomial([0, 1]))
        let root = (2 / Double.pi).squareRoot()
        switch f {
        case .erf where p == half && q == half && r == Polynomial([0, 0.5.squareRoot()]):
            return .gelu(approximates: false)
        case .tanh where p == half && q == half && r == Polynomial([0, root, 0, 0.044715 * root]):
            return .gelu(approximates: true)
        case .sigmoid where p == zero && q == x && r == Polynomial([0, r[1]]):
            return .swish(alpha: Float(r[1]))
        case .tanhOfSoftplus where p == zero && q == x && r == x:
            return .mish
        case .clipped where p == zero && q == x && r == Polynomial([0.5, 1.0 / 6]):
            return .hardSwish
        case .clipped where p == zero && q == Polynomial([1]) && r == Polynomial([r[0], r[1]]):
            return .hardSigmoid(alpha: Float(r[1]), beta: Float(r[0]))
        default:
            return nil
        }
    }
}

/// Equal where coefficients are the same but for float32's rounding.
private struct Polynomial: Equatable {
    private static let terms = 4
    private let coefficients: [Double]

    /// The coefficients of 1, x, x^2 and x^3; those that are left out are 0.
    init(_ coefficients: [Double]) {
        self.coefficients = coefficients + [Double](repeating: 0, count: Self.terms - coefficients.count)
    }

    subscript(power: Int) -> Double { coefficients[power] }

    var constant: Double? { coefficients.dropFirst().allSatisfy { $0 == 0 } ? coefficients[0] : nil }

    static func == (a: Polynomial, b: Polynomial) -> Bool {
        zip(a.coefficients, b.coefficients).allSatisfy { abs($0 - $1) <= 5e-7 * max(abs($0), abs($1)) }
    }

    static func + (a: Polynomial, b: Polynomial) -> Polynomial {
        Polynomial(zip(a.coefficients, b.coefficients).map { $0 + $1 })
    }

    /// nil where there are higher powers than it holds.
    static func * (a: Polynomial, b: Polynomial) -> Polynomial? {
        var product = [Double](repeating: 0, count: 2 * terms - 1)
        for i in 0..<terms { for j in 0..<terms { product[i + j] += a[i] * b[j] } }
        return product[terms...].allSatisfy { $0 == 0 } ? Polynomial(Array(product[..<terms])) : nil
    }
}
