extension Slice: CPUOperator, Kernel {
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
