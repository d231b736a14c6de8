extension Where: CPUOperator, Kernel {
    var gradientReads: GradientReads { .operands }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        LayoutRule.broadcasting(arriving, outputShapes[0])
    }

    func forward(_ pass: ForwardPass) {
        pass.walk { y, x, n, s in
            for i in 0..<n { y[i * s[0]] = x[0][i * s[1]] != 0 ? x[1][i * s[2]] : x[2][i * s[3]] }
        }
    }

    func gradient(_ pass: GradientPass) {
        pass.walk(1, operands: 0..<1) { t, d, _, x, n, s in
            for i in 0..<n where x[0][i * s[3]] != 0 { t[i * s[0]] += d[i * s[1]] }
        }
        pass.walk(2, operands: 0..<1) { t, d, _, x, n, s in
            for i in 0..<n where x[0][i * s[3]] == 0 { t[i * s[0]] += d[i * s[1]] }
        }
    }
}
