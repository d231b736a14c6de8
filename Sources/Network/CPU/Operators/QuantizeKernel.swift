extension Quantize: CPUOperator, Kernel {
    var gradientReads: GradientReads { range == nil ? [] : .operands }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        let layout = scales.blocks == nil ? arriving.first.flatMap { $0 } ?? .plain : .plain
        return ([layout] + arriving.dropFirst().map { _ in .plain }, [layout])
    }

    /// Calls `body(element, its slice)` for the elements of all images.
    @inline(__always)
    private func forEach(_ view: TensorView, _ images: Int, _ threads: Threads, _ body: (Int, Int) -> Void) {
        let inner = scales.values.count == 1 ? 1 : view.strides[scales.axis]
        let (slices, count) = (scales.values.count, view.shape.count)
        threads.split(images * count, grain: 4096) { range in
            if let blocks = scales.blocks {
                for i in range { body(i, Int(blocks[i % count])) }
            } else if slices == 1 {
                for i in range { body(i, 0) }
            } else {
                for i in range { body(i, i / inner % slices) }
            }
        }
    }

    func forward(_ pass: ForwardPass) {
        let (x, y, scale, zero) = (pass.input.base, pass.output.base, scales.values, scales.zeros)
        if let range {
            forEach(pass.input, pass.images, pass.threads) { i, s in
                y[i] = min(
                    max((x[i] / scale[s]).rounded(.toNearestOrEven) + zero[s], range.lowerBound), range.upperBound)
            }
        } else {
            forEach(pass.input, pass.images, pass.threads) { i, s in y[i] = (x[i] - zero[s]) * scale[s] }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0] else { return }
        let (d, x, t) = (pass.dOutput.base, pass.operands[0].base, dx.base)
        let (scale, zero) = (scales.values, scales.zeros)
        if let range {
            forEach(dx, pass.images, pass.threads) { i, s in
                if range.contains((x[i] / scale[s]).rounded(.toNearestOrEven) + zero[s]) { t[i] += d[i] / scale[s] }
            }
        } else {
            forEach(dx, pass.images, pass.threads) { i, s in t[i] += d[i] * scale[s] }
        }
    }
}
