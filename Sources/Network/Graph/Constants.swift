extension NodeReader {
    /// The shape of integer constants that there is memory for.
    ///
    /// - Parameter copies: how many such arrays of 64-bit numbers there are at once.
    func constant(_ shape: Shape, copies: Int = 1) throws(OperatorFault) -> Shape {
        try limits.check(
            Extent(shape.count), bytes: 8 * Extent(copies), for: "a constant of shape \(shape)")
        return shape
    }

    /// A float constant, which `fill` writes in full.
    func floats(_ shape: Shape, fill: (UnsafeMutablePointer<Float>) -> Void) throws(OperatorFault) -> Operand {
        try limits.check(Extent(shape.count), bytes: 4, for: "a constant of shape \(shape)")
        do throws(MemoryShortage) {
            return .floats(
                shape,
                try FloatStorage(
                    count: shape.count, within: limits.memory, for: "a constant of shape \(shape)", fill: fill))
        } catch {
            throw .memory(error)
        }
    }

    /// A float constant of a number for each of others.
    func floats<Others: Collection>(
        _ shape: Shape, of others: Others, _ number: (Others.Element) -> Float
    ) throws(OperatorFault) -> Operand {
        try floats(shape) { memory in
            for (i, other) in others.enumerated() { memory[i] = number(other) }
        }
    }
}

extension Importer {
    /// Counts an integer constant, which lies in an array.
    func claim(_ constant: Operand, named name: String) throws(OperatorFault) {
        guard case .integers(let shape, let values) = constant else { return }
        do throws(MemoryShortage) {
            try integers.add(
                2 * values.count, within: limits.memory,
                for: "tensor '\(TensorName.shown(name).prefix(80))', of shape \(shape),")
        } catch {
            throw .memory(error)
        }
    }
}
