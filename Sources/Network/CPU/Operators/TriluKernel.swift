extension Trilu: CPUOperator, Kernel {
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
