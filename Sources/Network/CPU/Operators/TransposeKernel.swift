extension Transpose: MovingOperator {
    /// Reads the operand through strides, so in any layout.
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        (arriving.map { $0 ?? .plain }, [.plain])
    }

    func views(of operand: MemoryView, _ shape: Shape) -> [MemoryView]? {
        [MemoryView(start: operand.start, strides: permutation.map { operand.strides[$0] })]
    }
}
