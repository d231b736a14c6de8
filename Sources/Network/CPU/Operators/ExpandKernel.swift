extension Expand: CPUOperator, Kernel {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        LayoutRule.broadcasting(arriving, outputShapes[0])
    }

    func forward(_ pass: ForwardPass) {
        pass.walk(operands: 0..<1) { y, x, n, s in for i in 0..<n { y[i * s[0]] = x[0][i * s[1]] } }
    }

    func gradient(_ pass: GradientPass) {
        pass.walk(0, operands: 0..<1) { t, d, _, _, n, s in for i in 0..<n { t[i * s[0]] += d[i * s[1]] } }
    }
}
