extension Resize: CPUOperator, Kernel {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        let layout = arriving.first.flatMap { $0 } ?? .plain
        return ([layout] + arriving.dropFirst().map { _ in .plain }, [layout])
    }

    /// One axis after the other: extents before, along and after it in memory.
    private func stages(_ layout: Layout) -> [(axis: ResizeAxis, outer: Int, inner: Int)] {
        let order = layout.order(rank: input.rank)
        var dims = input.dims
        var stages: [(ResizeAxis, Int, Int)] = []
        for (place, axis) in order.enumerated() {
            guard let resized = axes[axis] else { continue }
            let outer = order[..<place].reduce(1) { $0 * dims[$1] }
            stages.append((resized, outer, order[(place + 1)...].reduce(1) { $0 * dims[$1] }))
            dims[axis] = resized.count
        }
        return stages
    }

    /// Two buffers for what lies between the axes.
    func scratch(images: Int, threads: Int) -> Int { axes.contains { $0 != nil } ? 2 * between : 0 }

    private var between: Int {
        input.dims.indices.reduce(1) { .sizeProduct($0, max(input[$1], outputShapes[0][$1])) }
    }

    func forward(_ pass: ForwardPass) {
        let stages = stages(pass.input.layout)
        for image in 0..<pass.images {
            var source = pass.input.image(image)
            let target = pass.output.image(image)
            if stages.isEmpty { target.update(from: source, count: input.count) }
            for (index, stage) in stages.enumerated() {
                let result = index == stages.count - 1 ? target : pass.scratch + index % 2 * between
                let (axis, inner) = (stage.axis, stage.inner)
                pass.threads.split(stage.outer * axis.count, grain: max(1, 4096 / max(inner, 1))) { rows in
                    for row in rows {
                        let (o, j) = row.quotientAndRemainder(dividingBy: axis.count)
                        let y = result + row * inner
                        y.update(repeating: 0, count: inner)
                        for tap in axis.taps[j] {
                            let x = source + (o * axis.extent + tap.index) * inner
                            for i in 0..<inner { y[i] += tap.weight * x[i] }
                        }
                    }
                }
                source = result
            }
            if let extrapolation, extrapolation != 0 { fillOutside(target, pass.output.layout, extrapolation) }
        }
    }

    /// What lies outside has no taps along some axis, so it is 0 so far.
    private func fillOutside(_ y: UnsafeMutablePointer<Float>, _ layout: Layout, _ value: Float) {
        let view = TensorView(base: y, shape: outputShapes[0], layout: layout, imageStride: 0)
        let (strides, own) = (view.strides, outputShapes[0].strides)
        for element in 0..<outputShapes[0].count {
            let indices = own.indices.map { element / own[$0] % outputShapes[0][$0] }
            guard indices.indices.contains(where: { axes[$0]?.taps[indices[$0]].isEmpty ?? false }) else { continue }
            y[zip(indices, strides).reduce(0) { $0 + $1.0 * $1.1 }] = value
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0] else { return }
        let stages = stages(dx.layout)
        for image in 0..<pass.images {
            var source = pass.dOutput.image(image)
            if stages.isEmpty { for i in 0..<input.count { dx.image(image)[i] += source[i] } }
            for (index, stage) in stages.enumerated().reversed() {
                let (axis, inner) = (stage.axis, stage.inner)
                let target = index == 0 ? dx.image(image) : pass.scratch + index % 2 * between
                if index > 0 { target.update(repeating: 0, count: stage.outer * axis.extent * inner) }
                pass.threads.split(stage.outer) { range in
                    for o in range {
                        for j in 0..<axis.count {
                            let d = source + (o * axis.count + j) * inner
                            for tap in axis.taps[j] {
                                let t = target + (o * axis.extent + tap.index) * inner
                                for i in 0..<inner { t[i] += tap.weight * d[i] }
                            }
                        }
                    }
                }
                source = target
            }
        }
    }
}
