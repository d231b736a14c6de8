extension CumSum: CPUOperator, Kernel {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.plain(arriving) }

    /// target[i] = (or +=, where it adds) the sum of the source's elements up to i, along every line.
    private func run(
        _ images: Int, _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, reversed: Bool, adds: Bool
    ) {
        for line in 0..<images * outer * inner {
            let start = line / inner * extent * inner + line % inner
            var sum: Float = 0
            for step in 0..<extent {
                let i = start + (reversed ? extent - 1 - step : step) * inner
                let before = sum
                sum += source[i]
                target[i] = (adds ? target[i] : 0) + (isExclusive ? before : sum)
            }
        }
    }

    func forward(_ pass: ForwardPass) {
        run(pass.images, pass.input.base, pass.output.base, reversed: isReversed, adds: false)
    }

    /// The sum of the gradients of all sums that an element is part of: the running sum from the other end.
    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0]?.base else { return }
        run(pass.images, pass.dOutput.base, dx, reversed: !isReversed, adds: true)
    }
}
