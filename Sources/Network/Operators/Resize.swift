/// A tensor resampled along some axes: nearest, linear or cubic, separably. Upsample is its older form.
/// https://onnx.ai/onnx/operators/onnx__Resize.html, onnx__Upsample.html
struct Resize: Operator, Kernel {
    /// How each axis is resampled; nil where it stays as it is.
    let axes: [ResizeAxis?]
    /// What stands where a coordinate lies outside the region (tf_crop_and_resize).
    let extrapolation: Float?
    let input: Shape
    let outputShapes: [Shape]

    init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        let rule = try ResizeRule(node)
        let (counts, scales) = try node.resizedExtents(of: input)
        var region = (starts: [Float](repeating: 0, count: input.rank), ends: [Float](repeating: 1, count: input.rank))
        if rule.coordinates == .tfCropAndResize {
            let values = try node.floats(1).storage.values
            let axes = try node.axes(try node.ints("axes") ?? Array(0..<input.rank), in: input)
            guard values.count == 2 * axes.count, values.allSatisfy(\.isFinite) else {
                throw .shape("a region of \(values.count) numbers does not fit \(input)")
            }
            for (i, axis) in axes.enumerated() {
                (region.starts[axis], region.ends[axis]) = (values[i], values[i + axes.count])
            }
        }
        axes = input.dims.indices.map { axis in
            let place = ResizeAxis(
                extent: input[axis], count: counts[axis], scale: scales[axis],
                region: (region.starts[axis], region.ends[axis]), rule)
            return place.isIdentity ? nil : place
        }
        extrapolation = rule.coordinates == .tfCropAndResize ? try node.float("extrapolation_value", default: 0) : nil
        self.input = input
        outputShapes = [try Fold.checked(Shape(counts))]
    }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        let layout = arriving.first.flatMap { $0 } ?? .plain
        return ([layout] + arriving.dropFirst().map { _ in .plain }, [layout])
    }

    /// One axis after the other: extents before, along and behind it in memory.
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
    func scratch(images: Int, threads: Int) -> Int { 2 * between }

    private var between: Int { input.dims.indices.reduce(1) { $0 * max(input[$1], outputShapes[0][$1]) } }

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

extension NodeReader {
    /// Every axis's new extent and the scale that coordinates are computed with.
    fileprivate func resizedExtents(of input: Shape) throws(OperatorFault) -> (counts: [Int], scales: [Double]) {
        var (counts, scales) = (input.dims, [Double](repeating: 1, count: input.rank))
        let axes = try self.axes(try ints("axes") ?? Array(0..<input.rank), in: input)
        let isUpsample = node.opType == "Upsample"
        let scaleIndex = isUpsample || opset < 11 ? 1 : 2
        var stated: [Float] = []
        if has(scaleIndex) { stated = try floats(scaleIndex).storage.values }
        if case .floats(let values)? = node.attributes["scales"] { stated = values }
        if !stated.isEmpty {
            guard stated.count == axes.count, stated.allSatisfy({ $0 > 0 && $0 < 65536 }) else {
                throw .shape("scales \(stated) do not fit \(input)")
            }
            for (i, axis) in axes.enumerated() {
                scales[axis] = Double(stated[i])
                counts[axis] = Int(Double(input[axis]) * scales[axis])
            }
            return (counts, scales)
        }
        let sizes = try integers(isUpsample ? 1 : 3)
        guard sizes.count == axes.count, sizes.allSatisfy({ $0 > 0 && $0 < 1 << 20 }), input.count > 0 else {
            throw .shape("sizes \(sizes) do not fit \(input)")
        }
        for (i, axis) in axes.enumerated() {
            counts[axis] = sizes[i]
            scales[axis] = Double(sizes[i]) / Double(input[axis])
        }
        let policy = try string("keep_aspect_ratio_policy", default: "stretch")
        guard policy != "stretch" else { return (counts, scales) }
        let all = axes.map { scales[$0] }
        guard let scale = policy == "not_larger" ? all.min() : all.max() else { return (counts, scales) }
        for axis in axes {
            scales[axis] = scale
            counts[axis] = Int((scale * Double(input[axis]) + 0.5).rounded(.down))
        }
        return (counts, scales)
    }
}
