/// The k greatest (or least) elements along an axis, in order, and their places as whole floats; of equal ones the
/// first.
/// https://onnx.ai/onnx/operators/onnx__TopK.html
struct TopK: Operator, Kernel {
    let outer, extent, inner, k: Int
    let findsGreatest: Bool
    let outputShapes: [Shape]
    let gradientReads: GradientReads = .operands

    init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        let axis = try node.axis(try node.int("axis", default: -1), in: input)
        let stated = node.has(1) ? try node.integers(1).first : try node.int("k")
        guard let k = stated else { throw .missingOperand(1) }
        guard (0...input[axis]).contains(k) else {
            throw .shape("k = \(k) is more than axis \(axis) of \(input) holds")
        }
        self.k = k
        (outer, extent, inner) = (input.dims[..<axis].reduce(1, *), input[axis], input.dims[(axis + 1)...].reduce(1, *))
        findsGreatest = try node.flag("largest", default: true)
        var dims = input.dims
        dims[axis] = k
        outputShapes = [Shape(dims), Shape(dims)]
    }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        LayoutRule.plain(arriving, outputs: 2)
    }

    /// Calls `body(place in the outputs, place along the axis, place in the operand)` for the elements that are found.
    private func forEach(_ images: Int, _ x: UnsafePointer<Float>, _ body: (Int, Int, Int) -> Void) {
        for line in 0..<images * outer * inner {
            let (start, target) = (
                line / inner * extent * inner + line % inner, line / inner * k * inner + line % inner
            )
            let sign: Float = findsGreatest ? 1 : -1
            let order = (0..<extent).sorted { a, b in
                let (left, right) = (sign * x[start + a * inner], sign * x[start + b * inner])
                return left == right ? a < b : left > right
            }
            for (rank, index) in order.prefix(k).enumerated() {
                body(target + rank * inner, index, start + index * inner)
            }
        }
    }

    func forward(_ pass: ForwardPass) {
        let x = pass.input.base
        forEach(pass.images, x) { target, index, source in
            pass.outputs[0].base[target] = x[source]
            if pass.outputs.count > 1 { pass.outputs[1].base[target] = Float(index) }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0]?.base else { return }
        forEach(pass.images, pass.operands[0].base) { target, _, source in dx[source] += pass.dOutput.base[target] }
    }
}
