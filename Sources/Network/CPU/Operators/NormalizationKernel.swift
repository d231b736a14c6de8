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
        let mean = subtractsMean ? Float(sum(x) { x, _ in x } / Double(row)) : 0
        let variance = sum(x) { x, _ in (x - mean) * (x - mean) } / Double(row)
        return (mean, Float(1 / (variance + epsilon).squareRoot()))
    }

    /// The sum over a row of x and, where it is given, e: eight lanes at a time, every 64 steps in double precision.
    @inline(__always)
    private func sum(
        _ x: UnsafePointer<Float>, _ e: UnsafePointer<Float>? = nil, _ f: (SIMD8<Float>, SIMD8<Float>) -> SIMD8<Float>
    ) -> Double {
        let e = UnsafeRawPointer(e ?? x)
        var (total, i) = (0.0, 0)
        while i + 8 <= row {
            var lanes = SIMD8<Float>.zero
            let end = min(i + 512, row - row % 8)
            while i < end {
                lanes += f(
                    UnsafeRawPointer(x + i).loadUnaligned(as: SIMD8<Float>.self),
                    e.loadUnaligned(fromByteOffset: 4 * i, as: SIMD8<Float>.self))
                i += 8
            }
            total += Double(lanes.sum())
        }
        while i < row {
            total += Double(
                f(SIMD8(repeating: x[i]), SIMD8(repeating: e.loadUnaligned(fromByteOffset: 4 * i, as: Float.self)))[0])
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
                    for i in run { y[i] = (x[i] - mean) * scale * gain[i] + bias[i] }
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
            let meanE = subtractsMean ? Float(sum(e) { e, _ in e } / Double(row)) : 0
            let meanProduct = Float(sum(x, e) { x, e in (x - mean) * scale * e } / Double(row))
            for i in 0..<row { t[i] += scale * (e[i] - meanE - (x[i] - mean) * scale * meanProduct) }
        }
    }
}
