import CKernels

extension MaxPool: CPUOperator, Kernel {
    var gradientReads: GradientReads { [.operands, .outputs] }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.channelsLast(arriving) }

    func kernel(_ site: KernelSite) -> any Kernel { MapBatch.wrap(self, maps: maps) }

    /// A pixel's gradient a thread.
    func scratch(images: Int, threads: Int) -> Int { threads * channels.cacheLines }

    func forward(_ pass: ForwardPass) {
        let w = window
        pass.threads.split(pass.images * w.outHeight) { lines in
            for line in lines {
                let (image, oy) = line.quotientAndRemainder(dividingBy: w.outHeight)
                for ox in 0..<w.outWidth {
                    let y = pass.output.image(image) + (oy * w.outWidth + ox) * channels
                    y.update(repeating: -.infinity, count: channels)
                    w.forEachPixel(oy, ox) { pixel in
                        let x = pass.input.image(image) + pixel * channels
                        gradcam_maximum(y, x, channels)
                    }
                }
            }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0] else { return }
        let w = window
        // Windows overlap: every thread owns some rows of the operand, and looks for the maxima of all windows that
        // reach these.
        pass.threads.parts(w.inHeight) { part, owned in
            let rest = pass.scratch + part * channels.cacheLines
            for line in 0..<pass.images * w.outHeight {
                let (image, oy) = line.quotientAndRemainder(dividingBy: w.outHeight)
                guard
                    w.rows(at: oy).contains(where: { owned.contains(oy * w.strideY - w.padTop + $0 * w.dilationY) })
                else { continue }
                for ox in 0..<w.outWidth {
                    let pixel = (oy * w.outWidth + ox) * channels
                    rest.update(from: pass.dOutput.image(image) + pixel, count: channels)
                    w.forEachPixel(oy, ox) { tap in
                        let target = owned.contains(tap / w.inWidth) ? dx.image(image) + tap * channels : nil
                        gradcam_maximum_gradient(
                            target, rest, pass.operands[0].image(image) + tap * channels,
                            pass.outputs[0].image(image) + pixel, channels)
                    }
                }
            }
        }
    }
}
