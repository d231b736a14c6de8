import ONNX

extension Importer {
    /// Operands that are combined with a value of one image: of constants with a row an image, the first.
    func ofOneImage(_ operands: [Operand?], _ node: NodeDef) throws(OperatorFault) -> [Operand?] {
        guard batch > 1, ["Add", "Sub", "Mul", "Div", "Concat"].contains(node.opType),
            let rank = operands.lazy.compactMap({ $0 }).first(where: { !$0.isConstant && $0.shape.dims.first == 1 })?
                .shape.rank
        else { return operands }
        var ofOne = operands
        for case (let index, let operand?) in operands.enumerated()
        where operand.isConstant && operand.shape.rank == rank && operand.shape[0] == batch {
            do throws(MemoryShortage) { ofOne[index] = try operand.firstImage } catch { throw .memory(error) }
        }
        return ofOne
    }

    // MARK: Constants of the file alone

    /// Whether a node reads nothing but the file's own numbers: what it gives is the same for any number of photos.
    func isOfFileAlone(_ node: NodeDef) -> Bool { node.inputs.allSatisfy { $0.isEmpty || fileConstants.contains($0) } }

    mutating func keep(_ constant: Operand, _ output: String, of node: NodeDef) throws(OperatorFault) {
        try claim(constant)
        // A name that is given twice stands for two things.
        if tensors.updateValue(constant, forKey: output) == nil, isOfFileAlone(node) {
            fileConstants.insert(output)
        } else {
            fileConstants.remove(output)
        }
    }

    /// Takes a node's constants from another import of the same file; false where they are not there.
    mutating func takeOver(_ node: NodeDef) -> Bool {
        guard !known.isEmpty, !node.outputs.isEmpty, node.outputs.allSatisfy({ $0.isEmpty || known[$0] != nil }) else {
            return false
        }
        for output in node.outputs where !output.isEmpty {
            (tensors[output], types[output]) = (known[output]!.operand, known[output]!.type)
        }
        return true
    }
}

extension Operand {
    /// What a constant with a row an image says of the first one.
    fileprivate var firstImage: Operand {
        get throws(MemoryShortage) {
            let one = shape.single(along: 0..<1)
            return switch self {
            case .floats(_, let storage):
                .floats(one, try FloatStorage(count: one.count) { $0.update(from: storage.base, count: one.count) })
            case .integers(_, let values): .integers(one, Array(values.prefix(one.count)))
            case .value: self
            }
        }
    }
}
