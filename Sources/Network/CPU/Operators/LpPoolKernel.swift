import Platform

extension LpPool: CPUOperator, Kernel {
    var gradientReads: GradientReads { [.operands, .outputs] }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.channelsLast(arriving) }

    func kernel(_ site: KernelSite) -> any Kernel { MapBatch.wrap(self, maps: maps) }

    func forward(_ pass: ForwardPass) {
        let w = window
        pass.threads.split(pass.images * w.outArea) { pixels in
            for place in pixels {
                let (image, pixel) = place.quotientAndRemainder(dividingBy: w.outArea)
                let y = pass.output.image(image) + pixel * channels
                y.update(repeating: 0, count: channels)
                w.forEachPixel(pixel / w.outWidth, pixel % w.outWidth) { tap in
                    let x = pass.input.image(image) + tap * channels
                    for c in 0..<channels { y[c] += powf(abs(x[c]), p) }
                }
                for c in 0..<channels { y[c] = powf(y[c], 1 / p) }
            }
        }
    }

    /// dy/dx = sign(x) * (|x| / y)^(p - 1); 0 where all are 0.
    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0] else { return }
        let w = window
        // Windows overlap along both axes: threads share out the channels, which do not.
        pass.threads.split(channels, grain: 8) { range in
            for image in 0..<pass.images {
                for pixel in 0..<w.outArea {
                    let (d, y) = (
                        pass.dOutput.image(image) + pixel * channels, pass.outputs[0].image(image) + pixel * channels
                    )
                    w.forEachPixel(pixel / w.outWidth, pixel % w.outWidth) { tap in
                        let (x, t) = (pass.operands[0].image(image) + tap * channels, dx.image(image) + tap * channels)
                        for c in range where x[c] != 0 {
                            t[c] += (x[c] > 0 ? d[c] : -d[c]) * powf(abs(x[c]) / y[c], p - 1)
                        }
                    }
                }
            }
        }
    }
}
