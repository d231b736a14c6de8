import Platform

extension LRN: CPUOperator, Kernel {
    var gradientReads: GradientReads { .operands }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.channelsLast(arriving) }

    /// The channels whose squares count for channel c.
    private func neighbours(_ c: Int, _ channels: Int) -> Range<Int> {
        max(0, c - (size - 1) / 2)..<min(channels, c + size / 2 + 1)
    }

    private func scale(_ x: UnsafePointer<Float>, _ c: Int, _ channels: Int) -> Float {
        bias + alpha * neighbours(c, channels).reduce(0) { $0 + x[$1] * x[$1] }
    }

    func forward(_ pass: ForwardPass) {
        let channels = pass.input.channels
        pass.threads.split(pass.images * pass.input.shape.count / channels, grain: 64) { pixels in
            for pixel in pixels {
                let (x, y) = (pass.input.base + pixel * channels, pass.output.base + pixel * channels)
                for c in 0..<channels { y[c] = x[c] * powf(scale(x, c, channels), -beta) }
            }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0]?.base else { return }
        let channels = pass.operands[0].channels
        pass.threads.split(pass.images * pass.dOutput.shape.count / channels, grain: 64) { pixels in
            for pixel in pixels {
                let offset = pixel * channels
                let (x, d, t) = (pass.operands[0].base + offset, pass.dOutput.base + offset, dx + offset)
                for c in 0..<channels {
                    let s = scale(x, c, channels)
                    let power = powf(s, -beta)
                    t[c] += d[c] * power
                    let shared = -2 * alpha * beta * d[c] * x[c] * power / s
                    for n in neighbours(c, channels) { t[n] += shared * x[n] }
                }
            }
        }
    }
}
