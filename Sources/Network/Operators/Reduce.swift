/// Mean or sum over axes; GlobalAveragePool is the mean over a map's height and width.
/// https://onnx.ai/onnx/operators/onnx__ReduceMean.html, onnx__GlobalAveragePool.html
struct Reduce: Operator, Kernel {
    let axes: [Int]
    let keepsDims: Bool
    let isMean: Bool
    let input: Shape
    let outputShapes: [Shape]

    init(_ node: NodeReader) throws(OperatorFault) {
        let operand = try node.required(0)
        if case .integers = operand { throw .notFloat(0) }
        let input = operand.shape
        isMean = node.node.opType != "ReduceSum"
        if node.node.opType == "GlobalAveragePool" {
            guard input.rank > 2 else { throw .shape("\(input) is not a map") }
            (axes, keepsDims) = (Array(2..<input.rank), true)
        } else {
            let stated = try node.ints("axes", orOperand: 1) ?? []
            let all = try node.flag("noop_with_empty_axes") ? [] : Array(0..<input.rank)
            axes = stated.isEmpty ? all : try node.axes(stated, in: input).sorted()
            keepsDims = try node.flag("keepdims", default: true)
        }
        let (reduced, keepsDims) = (Set(axes), self.keepsDims)
        self.input = input
        outputShapes = [Shape(input.dims.indices.compactMap { axis in
            reduced.contains(axis) ? (keepsDims ? 1 : nil) : input[axis]
        })]
    }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        // Where the axes that are left keep their order in memory, a map is reduced as it lies.
        let spatial = arriving.first == .channelsLast && (keepsDims || axes == [2, 3])
        return spatial
            ? ([.channelsLast] + arriving.dropFirst().map { _ in .plain }, [keepsDims ? .channelsLast : .plain])
            : LayoutRule.plain(arriving)
    }

    /// Walks the operand, with the place in the output that each element is reduced into.
    private func walk(_ operand: TensorView) -> StridedWalk {
        let order = operand.layout.order(rank: input.rank)
        let kept = Shape(input.dims.indices.map { axes.contains($0) ? 1 : input[$0] })
        let reduced = TensorView(base: operand.base, shape: kept, layout: operand.layout, imageStride: 0)
        return StridedWalk(
            dims: operand.physicalDims,
            strides: [operand.strides(along: input, order: order), reduced.strides(along: input, order: order)])
    }

    private var factor: Float { isMean ? Float(outputShapes[0].count) / Float(max(input.count, 1)) : 1 }

    func forward(_ pass: ForwardPass) {
        let walk = walk(pass.input)
        let (sx, sy) = (walk.lineStrides[0], walk.lineStrides[1])
        let factor = factor
        pass.threads.split(pass.images) { images in
            for image in images {
                let (x, y) = (pass.input.image(image), pass.output.image(image))
                y.update(repeating: 0, count: pass.output.shape.count)
                walk.forEachLine(0..<walk.lines) { offsets in
                    let (x, y) = (x + offsets[0], y + offsets[1])
                    for i in 0..<walk.lineLength { y[i * sy] += x[i * sx] }
                }
                for i in 0..<pass.output.shape.count { y[i] *= factor }
            }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0] else { return }
        let walk = walk(dx)
        let (sx, sy) = (walk.lineStrides[0], walk.lineStrides[1])
        let factor = factor
        pass.threads.split(pass.images) { images in
            for image in images {
                walk.forEachLine(0..<walk.lines) { offsets in
                    let (t, d) = (dx.image(image) + offsets[0], pass.dOutput.image(image) + offsets[1])
                    for i in 0..<walk.lineLength { t[i * sx] += d[i * sy] * factor }
                }
            }
        }
    }
}
