extension ArgMax: CPUOperator, Kernel {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.plain(arriving) }

    func forward(_ pass: ForwardPass) {
        for line in 0..<pass.images * outer * inner {
            let x = pass.input.base + line / inner * extent * inner + line % inner
            var best = 0
            for i in 0..<extent {
                let (a, b) = findsLeast ? (-x[i * inner], -x[best * inner]) : (x[i * inner], x[best * inner])
                if a > b || (takesLast && a == b) { best = i }
            }
            pass.output.base[line] = Float(best)
        }
    }

    func gradient(_ pass: GradientPass) {}
}
