import ONNX

/// Which of an operator's outputs are integers that it computed as floats.
struct IntegerResults {
    let outputs: Range<Int>
    let areSums: Bool
    /// What the results are places in; empty where they are the numbers themselves.
    var table: [Int64] = []

    /// An output as integers, where it is of them.
    func read(_ index: Int, _ operand: Operand, _ node: NodeReader) throws(OperatorFault) -> Operand {
        guard outputs.contains(index), case .floats(let shape, let storage) = operand else { return operand }
        _ = try node.constant(shape, copies: table.isEmpty ? 1 : 2)
        let numbers = (0..<storage.count).map { Int64(exactly: storage[$0].rounded()) ?? 0 }
        guard table.isEmpty else { return .integers(shape, numbers.map { table[Int($0)] }) }
        guard !areSums || numbers.allSatisfy({ $0.magnitude <= 1 << 24 }) else {
            throw .shape("its result holds integers beyond 2^24, which cannot be computed with")
        }
        return .integers(shape, numbers)
    }
}

extension NodeReader {
    /// Integer constants that an operator computes with become floats, which hold them exactly below 2^24, so that one
    /// implementation serves both. What only moves larger ones is given their places in a table instead.
    mutating func readIntegersAsFloats(_ use: IntegerUse) throws(OperatorFault) -> IntegerResults {
        let results = integerResults(use)
        let integers = use.data.filter { operand($0)?.isInteger ?? false }
        func isInexact(_ index: Int) -> Bool {
            guard case .integers(_, let values)? = operands[index] else { return false }
            return values.contains { !$0.isExactFloat }
        }
        // All of them or none: a place and a number cannot be told apart.
        if case .moved = use.effect, areAllMoved(use.data), integers.contains(where: isInexact) {
            return try movingPlaces(of: integers, results)
        }
        for index in integers {
            guard case .integers(let shape, let values)? = operands[index] else { continue }
            if isInexact(index) {
                switch use.effect {
                case .compared: break
                case .bounded where index > 0: break
                default:
                    throw .shape("operand \(index) holds integers beyond 2^24, which cannot be computed with")
                }
            }
            operands[index] = try floats(shape, of: values, Float.init)
        }
        return results
    }

    private func integerResults(_ use: IntegerUse) -> IntegerResults {
        let first =
            switch use.outputs {
            case .truthValues: 0
            case .indices(let first): use.data.contains(0) && operand(0)?.isInteger ?? false ? 0 : first
            case .numbers(let index): use.data.contains(index) && operand(index)?.isInteger ?? false ? 0 : outputCount
            case .typed: outputCount
            }
        return IntegerResults(
            outputs: min(first, outputCount)..<outputCount, areSums: use.effect == .accumulated)
    }

    /// Whether all data are integers, and constant.
    private func areAllMoved(_ data: [Int]) -> Bool {
        data.allSatisfy { operand($0)?.isInteger ?? true } && operands.allSatisfy { $0?.isConstant ?? true }
    }

    private mutating func movingPlaces(
        of data: [Int], _ results: IntegerResults
    ) throws(OperatorFault) -> IntegerResults {
        var results = results
        results.table = [0]
        for index in data {
            guard case .integers(let shape, let values)? = operands[index] else { continue }
            // A place is a float too.
            guard results.table.count + values.count <= 1 << 24 else {
                throw .shape("it moves \(values.count) integers, some of them beyond 2^24; at most 2^24 can be moved")
            }
            _ = try constant(shape)
            operands[index] = try floats(shape, of: values.indices) { Float(results.table.count + $0) }
            results.table += values
        }
        return results
    }
}

extension NodeReader {
    /// The type of the outputs where the node itself tells.
    var statedType: ElementType? {
        if node.opType == "Constant", case .tensor(let tensor)? = node.attributes["value"] { return tensor.elementType }
        switch Registry.type(node)?.integers(self).outputs {
        case .truthValues: return .bool
        case .typed(let type): return type
        default: return nil
        }
    }

    /// The type of each output, where it is known and an operator after it may have to know it.
    func resultTypes(_ use: IntegerUse) -> [ElementType?] {
        (0..<outputCount).map { index in
            switch use.outputs {
            case .numbers(let operand): type(operand)
            case .indices(let first): index < first ? type(0) : .int64
            case .truthValues: .bool
            case .typed(let type): type
            }
        }
    }
}

extension Operand {
    var isInteger: Bool { if case .integers = self { true } else { false } }
}

extension Int64 {
    fileprivate var isExactFloat: Bool { magnitude <= 1 << 24 || Int64(exactly: Float(self)) == self }
}
