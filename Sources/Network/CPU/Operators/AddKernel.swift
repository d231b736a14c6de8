extension Add: EpilogueFusible {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        LayoutRule.broadcasting(arriving, outputShapes[0])
    }

    func kernel(_ site: KernelSite) -> any Kernel { AddKernel(activation: site.epilogue.activation) }
}

struct AddKernel: Kernel {
    let activation: Activation?
    var gradientReads: GradientReads { activation == nil ? [] : .outputs }

    func reads(_ strides: [Int], operand: Int, gradient: Bool) -> Bool { true }

    func forward(_ pass: ForwardPass) {
        let low = activation?.low ?? -.infinity
        let high = activation?.high ?? .infinity
        pass.walk { y, x, n, s in
            if s[1] == 1, s.count == 3, s[2] == 1 {
                let (a, b) = (x[0], x[1])
                for i in 0..<n { y[i] = a[i] + b[i] }
            } else {
                let (a, step) = (x[0], s[1])
                for i in 0..<n { y[i] = a[i * step] }
                for t in 1..<x.count {
                    let (b, step) = (x[t], s[t + 1])
                    if step == 1 { for i in 0..<n { y[i] += b[i] } } else { for i in 0..<n { y[i] += b[i * step] } }
                }
            }
            guard activation != nil else { return }
            for i in 0..<n {
                let v = y[i] < low ? low : y[i]
                y[i] = v > high ? high : v
            }
        }
    }

    func gradient(_ pass: GradientPass) {
        if let activation {
            let (d, y) = (pass.dOutput.base, pass.outputs[0].base)
            pass.threads.split(pass.images * pass.dOutput.shape.count, grain: 8192) { range in
                let start = range.lowerBound
                activation.gradient(d + start, at: y + start, count: range.count, to: nil, pass.rule)
            }
        }
        for index in pass.operands.indices {
            pass.walk(index, operands: 0..<0) { t, d, _, _, n, s in
                for i in 0..<n { t[i * s[0]] += d[i * s[1]] }
            }
        }
    }
}
