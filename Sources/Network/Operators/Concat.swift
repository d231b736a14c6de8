/// Operands laid end to end along an axis. https://onnx.ai/onnx/operators/onnx__Concat.html
struct Concat: Operator, Kernel {
    let axis: Int
    /// Every operand's extent along the axis.
    let extents: [Int]
    let outputShapes: [Shape]

    init(_ node: NodeReader) throws(OperatorFault) {
        let first = try node.shape(0)
        let axis = try node.axis(try node.int("axis", default: 1), in: first)
        var dims = first.dims
        var extents: [Int] = []
        for index in node.operands.indices {
            let operand = try node.required(index)
            if case .integers = operand { throw .notFloat(index) }
            guard operand.shape.rank == dims.count, dims.indices.allSatisfy({ $0 == axis || operand.shape[$0] == dims[$0] }) else {
                throw .shape("operands of shapes \(first) and \(operand.shape) cannot be concatenated along axis \(axis)")
            }
            extents.append(operand.shape[axis])
        }
        dims[axis] = extents.reduce(0, +)
        (self.axis, self.extents) = (axis, extents)
        outputShapes = [Shape(dims)]
    }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        let layout: Layout = arriving.allSatisfy { $0 == .channelsLast } ? .channelsLast : .plain
        return (arriving.map { _ in layout }, [layout])
    }

    func forward(_ pass: ForwardPass) {
        forEachBlock(pass.images, pass.operands, pass.output, pass.threads) { operand, output, count in
            output.update(from: operand, count: count)
        }
    }

    func gradient(_ pass: GradientPass) {
        forEachBlock(pass.images, pass.dOperands, pass.dOutput, pass.threads) { target, d, count in
            for i in 0..<count { target[i] += d[i] }
        }
    }

    /// Visits the contiguous runs that operand and output share, skipping operands that are nil.
    private func forEachBlock(
        _ images: Int, _ operands: [TensorView?], _ output: TensorView, _ threads: Threads,
        _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
    ) {
        let order = output.layout.order(rank: output.shape.rank)
        let place = order.firstIndex(of: axis)!
        let outer = order[..<place].reduce(1) { $0 * output.shape[$1] }
        let inner = order[(place + 1)...].reduce(1) { $0 * output.shape[$1] }
        let line = output.shape[axis] * inner
        var start = 0
        for (index, extent) in extents.enumerated() {
            defer { start += extent * inner }
            guard let operand = operands[index] else { continue }
            let run = extent * inner
            threads.split(images * outer, grain: max(1, 16384 / max(run, 1))) { rows in
                for row in rows {
                    let (image, at) = row.quotientAndRemainder(dividingBy: outer)
                    body(operand.image(image) + at * run, output.image(image) + at * line + start, run)
                }
            }
        }
    }
}
