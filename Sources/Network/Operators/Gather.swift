/// Elements at constant indices along an axis. https://onnx.ai/onnx/operators/onnx__Gather.html
struct Gather: Operator, Kernel {
    /// Extents before, along and behind the axis.
    let outer, extent, inner: Int
    let indices: [Int]
    let outputShapes: [Shape]

    init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        let axis = try node.axis(try node.int("axis", default: 0), in: input)
        let extent = input[axis]
        indices = try node.integers(1).map { $0 < 0 ? $0 + extent : $0 }
        guard indices.allSatisfy((0..<extent).contains) else {
            throw .shape("indices \(try node.integers(1)) reach outside axis \(axis) of \(input)")
        }
        (outer, inner) = (input.dims[..<axis].reduce(1, *), input.dims[(axis + 1)...].reduce(1, *))
        self.extent = extent
        outputShapes = [Shape(Array(input.dims[..<axis]) + (try node.shape(1)).dims + Array(input.dims[(axis + 1)...]))]
    }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.plain(arriving) }

    /// Visits every run of the output with the run of the operand that it is a copy of.
    private func forEachRun(_ body: (_ output: Int, _ operand: Int) -> Void) {
        for o in 0..<outer {
            for (i, index) in indices.enumerated() {
                body((o * indices.count + i) * inner, (o * extent + index) * inner)
            }
        }
    }

    func forward(_ pass: ForwardPass) {
        for image in 0..<pass.images {
            let (x, y) = (pass.input.image(image), pass.output.image(image))
            forEachRun { (y + $0).update(from: x + $1, count: inner) }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0] else { return }
        for image in 0..<pass.images {
            let (t, d) = (dx.image(image), pass.dOutput.image(image))
            forEachRun { output, operand in for i in 0..<inner { t[operand + i] += d[output + i] } }
        }
    }
}
