import CKernels

extension Normalization: CPUOperator, Kernel {
    var gradientReads: GradientReads { .operands }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.plain(arriving) }

    /// Visits rows of all images with the first element's place, in its image and among all.
    private func forEachRow(_ images: Int, _ threads: Threads, _ body: (_ inImage: Int, _ place: Int) -> Void) {
        guard row > 0 else { return }
        let rows = outputShapes[0].count / row
        threads.split(images * rows, grain: max(1, 4096 / row)) { range in
            for index in range { body(index % rows * row, index * row) }
        }
    }

    private func statistics(_ x: UnsafePointer<Float>) -> (mean: Float, scale: Float) {
        let mean = subtractsMean ? Float(gradcam_deviations(x, row, 0, false) / Double(row)) : 0
        let variance = gradcam_deviations(x, row, mean, true) / Double(row)
        return (mean, Float(1 / (variance + epsilon).squareRoot()))
    }

    /// The sum of (x - mean) * e over a row: eight lanes at a time, every 64 steps in double precision.
    private func products(_ x: UnsafePointer<Float>, _ e: UnsafePointer<Float>, mean: Float) -> Double {
        let (bytesX, bytesE) = (UnsafeRawPointer(x), UnsafeRawPointer(e))
        var (total, i) = (0.0, 0)
        while i + 8 <= row {
            var lanes = SIMD8<Float>.zero
            let end = min(i + 512, row - row % 8)
            while i < end {
                lanes +=
                    (bytesX.loadUnaligned(fromByteOffset: 4 * i, as: SIMD8<Float>.self) - mean)
                    * bytesE.loadUnaligned(fromByteOffset: 4 * i, as: SIMD8<Float>.self)
                i += 8
            }
            total += Double(lanes.sum())
        }
        while i < row {
            total += Double((x[i] - mean) * e[i])
            i += 1
        }
        return total
    }

    /// Calls `body(range, channel)` for the parts of a row that share a gain, or once with nil where gains lie side by
    /// side as x does.
    @inline(__always)
    private func forEachRun(_ inImage: Int, _ body: (Range<Int>, Int?) -> Void) {
        if gainRun == 1, gain.count == row { return body(0..<row, nil) }
        for start in stride(from: 0, to: row, by: gainRun) {
            body(start..<min(start + gainRun, row), (inImage + start) / gainRun % gain.count)
        }
    }

    func forward(_ pass: ForwardPass) {
        let bias = bias ?? [Float](repeating: 0, count: gain.count)
        forEachRow(pass.images, pass.threads) { inImage, place in
            let (x, y) = (pass.input.base + place, pass.output.base + place)
            let (mean, scale) = statistics(x)
            forEachRun(inImage) { run, channel in
                if let channel {
                    let (g, b) = (scale * gain[channel], bias[channel])
                    for i in run { y[i] = (x[i] - mean) * g + b }
                } else {
                    gradcam_normalize(x, y, row, mean, scale, gain, bias)
                }
            }
        }
    }

    /// With z = (x - mean) * scale and e = d * gain: dx = scale * (e - mean(e) - z * mean(e * z)).
    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0]?.base else { return }
        forEachRow(pass.images, pass.threads) { inImage, place in
            let (x, e, t) = (pass.operands[0].base + place, pass.dOutput.base + place, dx + place)
            let (mean, scale) = statistics(x)
            forEachRun(inImage) { run, channel in
                for i in run { e[i] *= gain[channel ?? i] }
            }
            let meanE = subtractsMean ? Float(gradcam_deviations(e, row, 0, false) / Double(row)) : 0
            let meanProduct = Float(products(x, e, mean: mean) * Double(scale) / Double(row))
            for i in 0..<row { t[i] += scale * (e[i] - meanE - (x[i] - mean) * scale * meanProduct) }
        }
    }
}
