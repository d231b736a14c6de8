extension AveragePool: CPUOperator, Kernel {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.channelsLast(arriving) }

    func kernel(_ site: KernelSite) -> any Kernel { MapBatch.wrap(self, maps: maps) }

    /// One over the number of elements in the mean at an output pixel.
    private func weight(_ oy: Int, _ ox: Int) -> Float {
        func extent(_ start: Int, _ dilation: Int, _ kernel: Int, _ end: Int) -> Int {
            min(kernel, max(0, (end - start + dilation - 1) / dilation))
        }
        let w = window
        let count =
            includesPadding
            ? extent(oy * w.strideY - w.padTop, w.dilationY, w.kernelHeight, w.inHeight + w.padBottom)
                * extent(ox * w.strideX - w.padLeft, w.dilationX, w.kernelWidth, w.inWidth + w.padRight)
            : w.rows(at: oy).count * w.columns(at: ox).count
        return 1 / Float(max(count, 1))
    }

    func forward(_ pass: ForwardPass) {
        let w = window
        pass.threads.split(pass.images * w.outHeight) { lines in
            for line in lines {
                let (image, oy) = line.quotientAndRemainder(dividingBy: w.outHeight)
                for ox in 0..<w.outWidth {
                    let y = pass.output.image(image) + (oy * w.outWidth + ox) * channels
                    y.update(repeating: 0, count: channels)
                    w.forEachPixel(oy, ox) { pixel in
                        let x = pass.input.image(image) + pixel * channels
                        for c in 0..<channels { y[c] += x[c] }
                    }
                    let weight = weight(oy, ox)
                    for c in 0..<channels { y[c] *= weight }
                }
            }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0] else { return }
        let w = window
        // Windows overlap along both axes: threads share out the channels, which do not.
        pass.threads.split(channels, grain: 8) { range in
            for image in 0..<pass.images {
                for pixel in 0..<w.outArea {
                    let (oy, ox) = pixel.quotientAndRemainder(dividingBy: w.outWidth)
                    let d = pass.dOutput.image(image) + pixel * channels
                    let weight = weight(oy, ox)
                    w.forEachPixel(oy, ox) { tap in
                        let t = dx.image(image) + tap * channels
                        for c in range { t[c] += weight * d[c] }
                    }
                }
            }
        }
    }
}
