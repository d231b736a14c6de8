extension View: MovingOperator {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        let layout = keepsShape ? arriving.first.flatMap { $0 } ?? .plain : .plain
        return (arriving.enumerated().map { $0.offset == 0 ? layout : .plain }, [layout])
    }

    func views(of operand: MemoryView, _ shape: Shape) -> [MemoryView]? {
        keepsShape ? [operand] : operand.reshaped(from: shape, to: outputShapes[0]).map { [$0] }
    }
}

extension Transpose: MovingOperator {
    /// Reads the operand through strides, so in any layout.
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        (arriving.map { $0 ?? .plain }, [.plain])
    }

    func views(of operand: MemoryView, _ shape: Shape) -> [MemoryView]? {
        [MemoryView(start: operand.start, strides: permutation.map { operand.strides[$0] })]
    }
}

extension Slice: MovingOperator {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        let layout = arriving.first.flatMap { $0 } ?? .plain
        return ([layout] + arriving.dropFirst().map { _ in .plain }, [layout])
    }

    func views(of operand: MemoryView, _ shape: Shape) -> [MemoryView]? { [operand.slice(from: starts, step: steps)] }
}

extension Split: MovingOperator {
    func views(of operand: MemoryView, _ shape: Shape) -> [MemoryView]? {
        pieces.starts.map { start in
            var view = operand
            view.start += start * operand.strides[pieces.axis]
            return view
        }
    }
}
