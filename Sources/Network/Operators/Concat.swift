/// Operands laid end to end along an axis. https://onnx.ai/onnx/operators/onnx__Concat.html
struct Concat: Operator, Kernel {
    let pieces: AxisPieces
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
        pieces = AxisPieces(axis: axis, extents: extents)
        outputShapes = [Shape(dims)]
    }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        let layout: Layout = arriving.allSatisfy { $0 == .channelsLast } ? .channelsLast : .plain
        return (arriving.map { _ in layout }, [layout])
    }

    func forward(_ pass: ForwardPass) {
        pieces.forEachRun(pass.images, pass.operands, of: pass.output, pass.threads) { operand, output, count in
            output.update(from: operand, count: count)
        }
    }

    func gradient(_ pass: GradientPass) {
        pieces.forEachRun(pass.images, pass.dOperands, of: pass.dOutput, pass.threads) { target, d, count in
            for i in 0..<count { target[i] += d[i] }
        }
    }
}

/// A tensor as pieces laid end to end along an axis, all in one layout.
struct AxisPieces {
    let axis: Int
    /// Every piece's extent along the axis.
    let extents: [Int]

    /// Visits the contiguous runs that a piece and the whole share: `body(piece, whole, count)`; pieces that are nil are skipped.
    func forEachRun(
        _ images: Int, _ pieces: [TensorView?], of whole: TensorView, _ threads: Threads,
        _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
    ) {
        let order = whole.layout.order(rank: whole.shape.rank)
        let place = order.firstIndex(of: axis)!
        let outer = order[..<place].reduce(1) { $0 * whole.shape[$1] }
        let inner = order[(place + 1)...].reduce(1) { $0 * whole.shape[$1] }
        let line = whole.shape[axis] * inner
        var start = 0
        for (extent, piece) in zip(extents, pieces) {
            let run = extent * inner
            if let piece {
                threads.split(images * outer, grain: max(1, 16384 / max(run, 1))) { rows in
                    for row in rows {
                        let (image, at) = row.quotientAndRemainder(dividingBy: outer)
                        body(piece.image(image) + at * run, whole.image(image) + at * line + start, run)
                    }
                }
            }
            start += run
        }
    }
}
