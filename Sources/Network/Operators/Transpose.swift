/// Axes in another order. https://onnx.ai/onnx/operators/onnx__Transpose.html
struct Transpose: Operator, Kernel {
    let permutation: [Int]
    let outputShapes: [Shape]

    init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        let stated = try node.ints("perm") ?? Array((0..<input.rank).reversed())
        guard stated.sorted() == Array(0..<input.rank) else { throw .shape("perm \(stated) does not fit \(input)") }
        permutation = stated
        outputShapes = [Shape(stated.map { input[$0] })]
    }

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

/// A copy into the other layout, which the planner puts between operators that want a value differently.
struct Reorder: Kernel {
    func forward(_ pass: ForwardPass) {
        pass.walk { y, x, n, s in for i in 0..<n { y[i * s[0]] = x[0][i * s[1]] } }
    }

    func gradient(_ pass: GradientPass) {
        pass.walk(0) { t, d, _, _, n, s in for i in 0..<n { t[i * s[0]] += d[i * s[1]] } }
    }
}
