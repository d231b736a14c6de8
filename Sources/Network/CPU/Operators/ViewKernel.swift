extension View: MovingOperator {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        let layout = keepsShape ? arriving.first.flatMap { $0 } ?? .plain : .plain
        return (arriving.enumerated().map { $0.offset == 0 ? layout : .plain }, [layout])
    }

    func views(of operand: MemoryView, _ shape: Shape) -> [MemoryView]? {
        keepsShape ? [operand] : operand.reshaped(from: shape, to: outputShapes[0]).map { [$0] }
    }
}
