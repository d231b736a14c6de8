/// Every so many elements between two bounds along some axes. https://onnx.ai/onnx/operators/onnx__Slice.html
struct Slice: Operator, Kernel {
    /// First element and step along every axis.
    let starts, steps: [Int]
    let outputShapes: [Shape]

    init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        (starts, steps, outputShapes) = try node.slice(of: input).asOutput
    }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        let layout = arriving.first.flatMap { $0 } ?? .plain
        return ([layout] + arriving.dropFirst().map { _ in .plain }, [layout])
    }

    /// Walks the output together with the elements of the operand that it takes.
    private func walk(_ operand: TensorView, _ output: TensorView) -> (walk: StridedWalk, start: Int) {
        let order = output.layout.order(rank: output.shape.rank)
        let (source, target) = (operand.strides, output.strides)
        let walk = StridedWalk(
            dims: order.map { output.shape[$0] },
            strides: [order.map { target[$0] }, order.map { source[$0] * steps[$0] }])
        return (walk, zip(starts, source).reduce(0) { $0 + $1.0 * $1.1 })
    }

    func forward(_ pass: ForwardPass) {
        let (walk, start) = walk(pass.input, pass.output)
        let (sy, sx) = (walk.lineStrides[0], walk.lineStrides[1])
        for image in 0..<pass.images {
            walk.forEachLine(0..<walk.lines) { offsets in
                let (y, x) = (pass.output.image(image) + offsets[0], pass.input.image(image) + start + offsets[1])
                for i in 0..<walk.lineLength { y[i * sy] = x[i * sx] }
            }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0] else { return }
        let (walk, start) = walk(dx, pass.dOutput)
        let (sy, sx) = (walk.lineStrides[0], walk.lineStrides[1])
        for image in 0..<pass.images {
            walk.forEachLine(0..<walk.lines) { offsets in
                let (d, t) = (pass.dOutput.image(image) + offsets[0], dx.image(image) + start + offsets[1])
                for i in 0..<walk.lineLength { t[i * sx] += d[i * sy] }
            }
        }
    }
}

/// The part of a tensor that a Slice node takes.
struct SliceRange {
    let starts, steps, counts: [Int]
    var asOutput: ([Int], [Int], [Shape]) { (starts, steps, [Shape(counts)]) }
}

extension NodeReader {
    func slice(of input: Shape) throws(OperatorFault) -> SliceRange {
        guard let starts = try ints("starts", orOperand: 1), let ends = try ints("ends", orOperand: 2) else {
            throw .missingOperand(1)
        }
        let axes = try self.axes(try ints("axes", orOperand: 3) ?? Array(starts.indices), in: input)
        let steps =
            has(4) ? try integers(4).map { min(max($0, -1 << 32), 1 << 32) } : [Int](repeating: 1, count: starts.count)
        guard starts.count == ends.count, axes.count == starts.count, steps.count == starts.count, !steps.contains(0)
        else {
            throw .shape("starts \(starts), ends \(ends), axes \(axes), steps \(steps) do not fit together")
        }
        var first = [Int](repeating: 0, count: input.rank)
        var stride = [Int](repeating: 1, count: input.rank)
        var counts = input.dims
        for (i, axis) in axes.enumerated() {
            let (extent, step) = (input[axis], steps[i])
            func bound(_ value: Int, _ range: ClosedRange<Int>) -> Int {
                let fromStart = value < 0 ? (value < -extent ? -1 : value + extent) : value
                return min(max(fromStart, range.lowerBound), range.upperBound)
            }
            let start = step > 0 ? bound(starts[i], 0...extent) : bound(starts[i], -1...(extent - 1))
            let end = step > 0 ? bound(ends[i], 0...extent) : bound(ends[i], -1...(extent - 1))
            (first[axis], stride[axis]) = (start, step)
            counts[axis] = max(0, step > 0 ? (end - start + step - 1) / step : (start - end - step - 1) / -step)
        }
        return SliceRange(starts: first, steps: stride, counts: counts)
    }
}
