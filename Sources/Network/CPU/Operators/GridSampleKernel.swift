extension GridSample: CPUOperator, Kernel {
    var gradientReads: GradientReads { .operands }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        ([.channelsLast, .plain], [.channelsLast])
    }

    func forward(_ pass: ForwardPass) {
        forEachPlace(pass.images, pass.operands, pass.output, pass.threads) { _, x, step, _, y, taps in
            y.update(repeating: 0, count: channels)
            for tap in taps {
                for c in 0..<channels { y[c] += tap.weight * x[tap.pixel * step.pixel + c * step.channel] }
            }
        }
    }

    func gradient(_ pass: GradientPass) {
        // Places of an image may read the same pixels, so they stay on one thread.
        forEachPlace(pass.images, pass.operands, pass.dOutput, Threads(count: 1)) { map, x, step, place, d, taps in
            for tap in taps {
                if let dx = pass.dOperands[0]?.base {
                    let t = dx + (map * height * width + tap.pixel) * channels
                    for c in 0..<channels { t[c] += tap.weight * d[c] }
                }
                if let dGrid = pass.dOperands[1]?.base {
                    var sum: Float = 0
                    for c in 0..<channels { sum += d[c] * x[tap.pixel * step.pixel + c * step.channel] }
                    dGrid[2 * place] += sum * tap.byX
                    dGrid[2 * place + 1] += sum * tap.byY
                }
            }
        }
    }

    /// Calls `body(map, its numbers, their strides, place among all, the place's channels, taps)` for every place of
    /// the output.
    private func forEachPlace(
        _ images: Int, _ operands: [TensorView], _ output: TensorView, _ threads: Threads,
        _ body: (Int, UnsafePointer<Float>, (pixel: Int, channel: Int), Int, UnsafeMutablePointer<Float>, [Tap]) -> Void
    ) {
        let (x, grid, area) = (operands[0], operands[1], outputShapes[0][2] * outputShapes[0][3])
        // A constant map lies row-major, whatever layout is asked for.
        let step = x.layout == .plain ? (pixel: 1, channel: height * width) : (pixel: channels, channel: 1)
        threads.split(images * maps * area, grain: max(1, 1024 / max(channels, 1))) { places in
            for place in places {
                let (map, image) = (place / area, place / area / maps)
                let at = grid.image(image) + 2 * (place - image * maps * area)
                let source = x.image(image) + (map - image * maps) * channels * height * width
                body(map, source, step, place, output.base + place * channels, taps(at[0], at[1]))
            }
        }
    }

    // MARK: Taps

    private struct Tap {
        let pixel: Int
        let weight: Float
        /// The weight's derivatives by the grid's numbers.
        let byX, byY: Float
    }

    /// Of one axis: an index, its weight, and the weight's derivative by the grid's number.
    private typealias AxisTap = (index: Int, weight: Float, slope: Float)

    private func taps(_ x: Float, _ y: Float) -> [Tap] {
        let columns = axisTaps(x, width)
        return axisTaps(y, height).flatMap { row in
            columns.map {
                Tap(
                    pixel: row.index * width + $0.index, weight: row.weight * $0.weight, byX: row.weight * $0.slope,
                    byY: row.slope * $0.weight)
            }
        }
    }

    /// The taps of an axis that lie on the map, for a place of -1...1.
    private func axisTaps(_ place: Float, _ extent: Int) -> [AxisTap] {
        let scale = alignsCorners ? Float(extent - 1) / 2 : Float(extent) / 2
        let raw = (place + 1) * scale - (alignsCorners ? 0 : 0.5)
        // A place that is no number is outside of all maps.
        guard raw.isFinite, abs(raw) < 0x1p24 else { return padding == .zeros ? [] : [(0, 1, 0)] }
        let candidates: [AxisTap]
        switch mode {
        case .nearest:
            candidates = [(Int(padded(raw, extent).place.rounded(.toNearestOrEven)), 1, 0)]
        case .linear:
            let (at, slope) = padded(raw, extent)
            let first = at.rounded(.down)
            candidates = [(Int(first), first + 1 - at, -slope * scale), (Int(first) + 1, at - first, slope * scale)]
        case .cubic:
            let first = raw.rounded(.down)
            candidates = (-1...2).map { offset in
                let distance = raw - first - Float(offset)
                let index = padded(first + Float(offset), extent).place
                return (Int(index.rounded()), Self.cubic(distance), Self.cubicSlope(distance) * scale)
            }
        }
        return candidates.filter { (0..<extent).contains($0.index) }
    }

    /// A coordinate after padding, and its derivative.
    private func padded(_ raw: Float, _ extent: Int) -> (place: Float, slope: Float) {
        if padding == .zeros { return (raw, 1) }
        var (place, slope) = (raw, Float(1))
        if padding == .reflection {
            let low: Float = alignsCorners ? 0 : -0.5
            let span = alignsCorners ? Float(extent - 1) : Float(extent)
            guard span > 0 else { return (0, 0) }
            let distance = abs(raw - low)
            let flips = (distance / span).rounded(.down)
            let rest = distance - flips * span
            let isOdd = Int(flips) % 2 == 1
            place = low + (isOdd ? span - rest : rest)
            slope = (raw < low ? -1 : 1) * (isOdd ? -1 : 1)
        }
        let last = Float(extent - 1)
        return place <= 0 ? (0, 0) : place >= last ? (last, 0) : (place, slope)
    }

    /// Keys' cubic with a = -0.75. https://doi.org/10.1109/TASSP.1981.1163711
    private static func cubic(_ distance: Float) -> Float {
        let (a, t): (Float, Float) = (-0.75, abs(distance))
        if t <= 1 { return ((a + 2) * t - (a + 3)) * t * t + 1 }
        return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0
    }

    private static func cubicSlope(_ distance: Float) -> Float {
        let (a, t): (Float, Float) = (-0.75, abs(distance))
        let slope = t <= 1 ? (3 * (a + 2) * t - 2 * (a + 3)) * t : t < 2 ? (3 * a * t - 10 * a) * t + 8 * a : 0
        return distance < 0 ? -slope : slope
    }
}
