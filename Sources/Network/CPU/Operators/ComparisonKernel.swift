extension Comparison: CPUOperator, Kernel {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        LayoutRule.broadcasting(arriving, outputShapes[0])
    }

    func forward(_ pass: ForwardPass) {
        switch kind {
        case .Equal: compare(pass) { $0 == $1 }
        case .Greater: compare(pass) { $0 > $1 }
        case .GreaterOrEqual: compare(pass) { $0 >= $1 }
        case .Less: compare(pass) { $0 < $1 }
        case .LessOrEqual: compare(pass) { $0 <= $1 }
        case .And: compare(pass) { $0 != 0 && $1 != 0 }
        case .Or: compare(pass) { $0 != 0 || $1 != 0 }
        case .Xor: compare(pass) { ($0 != 0) != ($1 != 0) }
        }
    }

    func gradient(_ pass: GradientPass) {}

    @inline(__always)
    private func compare(_ pass: ForwardPass, _ holds: (Float, Float) -> Bool) {
        pass.walk { y, x, n, s in for i in 0..<n { y[i * s[0]] = holds(x[0][i * s[1]], x[1][i * s[2]]) ? 1 : 0 } }
    }
}
