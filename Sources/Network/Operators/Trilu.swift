/// A matrix's upper or lower triangle, 0 elsewhere. https://onnx.ai/onnx/operators/onnx__Trilu.html
struct Trilu: Operator, Kernel {
    let upper: Bool
    /// How far the triangle's edge lies above the main diagonal.
    let diagonal: Int
    let outputShapes: [Shape]

    init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        guard input.rank >= 2 else { throw .shape("\(input) is not a matrix") }
        upper = try node.flag("upper", default: true)
        diagonal = node.has(1) ? try node.integers(1).first ?? 0 : 0
        outputShapes = [input]
    }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.plain(arriving) }

    /// Whether an element belongs to the triangle.
    private func keeps(_ element: Int) -> Bool {
        let shape = outputShapes[0]
        let (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
        let (row, column) = (element / columns % rows, element % columns)
        return upper ? column - row >= diagonal : column - row <= diagonal
    }

    func forward(_ pass: ForwardPass) {
        let (x, y, count) = (pass.input.base, pass.output.base, outputShapes[0].count)
        for i in 0..<pass.images * count { y[i] = keeps(i % count) ? x[i] : 0 }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0]?.base else { return }
        let (d, count) = (pass.dOutput.base, outputShapes[0].count)
        for i in 0..<pass.images * count where keeps(i % count) { dx[i] += d[i] }
    }
}
