extension Transpose: CPUOperator, Kernel {
    /// Reads the operand through strides, so in any layout.
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        (arriving.map { $0 ?? .plain }, [.plain])
    }

    /// Walks the output in its order of memory together with the operand.
    private func walk(_ operand: TensorView, _ output: TensorView) -> StridedWalk {
        let source = operand.strides
        return StridedWalk(dims: output.shape.dims, strides: [output.strides, permutation.map { source[$0] }])
    }

    func forward(_ pass: ForwardPass) {
        let walk = walk(pass.input, pass.output)
        let (sy, sx) = (walk.lineStrides[0], walk.lineStrides[1])
        for image in 0..<pass.images {
            pass.threads.split(walk.lines, grain: max(1, 8192 / max(walk.lineLength, 1))) { range in
                walk.forEachLine(range) { offsets in
                    let (y, x) = (pass.output.image(image) + offsets[0], pass.input.image(image) + offsets[1])
                    if (sy, sx) == (1, 1) { return y.update(from: x, count: walk.lineLength) }
                    for i in 0..<walk.lineLength { y[i * sy] = x[i * sx] }
                }
            }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0] else { return }
        let walk = walk(dx, pass.dOutput)
        let (sy, sx) = (walk.lineStrides[0], walk.lineStrides[1])
        for image in 0..<pass.images {
            walk.forEachLine(0..<walk.lines) { offsets in
                let (d, t) = (pass.dOutput.image(image) + offsets[0], dx.image(image) + offsets[1])
                for i in 0..<walk.lineLength { t[i * sx] += d[i * sy] }
            }
        }
    }
}
