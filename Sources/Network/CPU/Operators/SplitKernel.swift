extension Split: MovingOperator {
    func views(of operand: MemoryView, _ shape: Shape) -> [MemoryView]? {
        pieces.starts.map { start in
            var view = operand
            view.start += start * operand.strides[pieces.axis]
            return view
        }
    }
}
