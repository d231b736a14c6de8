extension Slice: MovingOperator {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        let layout = arriving.first.flatMap { $0 } ?? .plain
        return ([layout] + arriving.dropFirst().map { _ in .plain }, [layout])
    }

    func views(of operand: MemoryView, _ shape: Shape) -> [MemoryView]? { [operand.slice(from: starts, step: steps)] }
}
