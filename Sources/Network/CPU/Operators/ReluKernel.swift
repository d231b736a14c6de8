extension Relu: CPUOperator, Kernel {
    var gradientReads: GradientReads { .outputs }

    func forward(_ pass: ForwardPass) {
        let (x, y) = (pass.input.base, pass.output.base)
        let (low, high) = (activation.low, activation.high)
        pass.threads.split(pass.images * pass.output.shape.count, grain: 8192) { range in
            for i in range {
                let v = x[i] < low ? low : x[i]
                y[i] = v > high ? high : v
            }
        }
    }

    func overwritesGradient(of operand: Int) -> Bool { true }

    func gradient(_ pass: GradientPass) {
        guard
            let dx = pass.dOperands[0].map({ GradientTarget(base: $0.base, overwrites: pass.overwritten.contains(0)) })
        else { return }
        let (d, y) = (pass.dOutput.base, pass.outputs[0].base)
        pass.threads.split(pass.images * pass.dOutput.shape.count, grain: 8192) { range in
            let start = range.lowerBound
            activation.gradient(d + start, at: y + start, count: range.count, to: dx + start, pass.rule)
        }
    }
}
