extension Comparison: CPUOperator, Kernel {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        LayoutRule.broadcasting(arriving, outputShapes[0])
    }

    func forward(_ pass: ForwardPass) {
        switch kind {
        case .equal: compare(pass) { $0 == $1 }
        case .greater: compare(pass) { $0 > $1 }
        case .greaterOrEqual: compare(pass) { $0 >= $1 }
        case .less: compare(pass) { $0 < $1 }
        case .lessOrEqual: compare(pass) { $0 <= $1 }
        case .and: compare(pass) { $0 != 0 && $1 != 0 }
        case .or: compare(pass) { $0 != 0 || $1 != 0 }
        case .xor: compare(pass) { ($0 != 0) != ($1 != 0) }
        }
    }

    func gradient(_ pass: GradientPass) {}

    @inline(__always)
    private func compare(_ pass: ForwardPass, _ holds: (Float, Float) -> Bool) {
        pass.walk { y, x, n, s in for i in 0..<n { y[i * s[0]] = holds(x[0][i * s[1]], x[1][i * s[2]]) ? 1 : 0 } }
    }
}
