extension NodeReader {
    /// The shape of integer constants that there is memory for.
    ///
    /// - Parameter copies: how many such arrays of 64-bit numbers there are at once.
    func constant(_ shape: Shape, copies: Int = 1) throws(OperatorFault) -> Shape {
        let shape = try Fold.checked(shape)
        do throws(MemoryShortage) {
            try Memory.check(
                .sizeProduct(2 * copies, shape.count), within: memoryLimit, for: "a constant of shape \(shape)")
        } catch {
            throw .memory(error)
        }
        return shape
    }

    /// A float constant, which `fill` writes in full.
    func floats(_ shape: Shape, fill: (UnsafeMutablePointer<Float>) -> Void) throws(OperatorFault) -> Operand {
        let shape = try Fold.checked(shape)
        do throws(MemoryShortage) {
            return .floats(
                shape,
                try FloatStorage(
                    count: shape.count, within: memoryLimit, for: "a constant of shape \(shape)", fill: fill))
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
            try integers.add(2 * values.count, within: memoryLimit, for: "tensor '\(name.prefix(80))', of shape \(shape),")
        } catch {
            throw .memory(error)
        }
    }
}
