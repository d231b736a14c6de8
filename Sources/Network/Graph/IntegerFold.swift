import ONNX

/// Integer arithmetic on constants: what exporters leave of a shape's computation.
enum IntegerFold {
    static func evaluate(_ node: NodeReader, _ shape: Shape, _ values: [Int64]) throws(OperatorFault) -> Operand? {
        switch node.node.opType {
        case "Identity", "Dropout": return .integers(shape, values)
        case "Xor": return try binary(node) { ($0 != 0) != ($1 != 0) ? 1 : 0 }
        case "Neg": return .integers(shape, values.map { 0 &- $0 })
        case "Abs": return .integers(shape, values.map { Int64(clamping: $0.magnitude) })
        case "Not": return .integers(shape, values.map { $0 == 0 ? 1 : 0 })
        case "Add": return try binary(node) { $0 &+ $1 }
        case "Sub": return try binary(node) { $0 &- $1 }
        case "Mul": return try binary(node) { $0 &* $1 }
        case "Div": return try binary(node) { $1 == 0 ? 0 : $0.dividedReportingOverflow(by: $1).partialValue }
        case "Mod":
            let truncates = try node.flag("fmod")
            return try binary(node) { a, b in
                guard b != 0 else { return 0 }
                let rest = a.remainderReportingOverflow(dividingBy: b).partialValue
                return !truncates && rest != 0 && (rest < 0) != (b < 0) ? rest &+ b : rest
            }
        case "Clip": return .integers(shape, try clipped(node, values))
        case "Min": return try binary(node, min)
        case "Max": return try binary(node, max)
        case "Equal": return try binary(node) { $0 == $1 ? 1 : 0 }
        case "Greater": return try binary(node) { $0 > $1 ? 1 : 0 }
        case "GreaterOrEqual": return try binary(node) { $0 >= $1 ? 1 : 0 }
        case "Less": return try binary(node) { $0 < $1 ? 1 : 0 }
        case "LessOrEqual": return try binary(node) { $0 <= $1 ? 1 : 0 }
        case "And": return try binary(node) { $0 != 0 && $1 != 0 ? 1 : 0 }
        case "Or": return try binary(node) { $0 != 0 || $1 != 0 ? 1 : 0 }
        case "Reshape", "Flatten", "Squeeze", "Unsqueeze":
            let output = try node.viewShape(of: shape)
            guard output.count == values.count else { throw .shape("\(shape) cannot be viewed as \(output)") }
            return .integers(output, values)
        case "Gather": return try gather(node, shape, values)
        case "Slice": return try slice(node, shape, values)
        case "Concat" where shape.rank == 1: return try concat(node)
        case "Expand": return try expand(shape, values, to: try Fold.checked(Shape(try node.integers(1))))
        case "Where": return try choose(node, shape, values)
        default: return nil
        }
    }

    private static func integers(_ node: NodeReader, _ index: Int) throws(OperatorFault) -> (Shape, [Int64]) {
        guard case .integers(let shape, let values) = try node.required(index) else { throw .notConstant(index) }
        return (shape, values)
    }

    private static func binary(_ node: NodeReader, _ f: (Int64, Int64) -> Int64) throws(OperatorFault) -> Operand {
        let ((a, x), (b, y)) = (try integers(node, 0), try integers(node, 1))
        guard let both = Shape.broadcast(a, b) else {
            throw .shape("operands of shapes \(a) and \(b) do not broadcast")
        }
        _ = try Fold.checked(both)
        let (left, right) = (spread(a, x, to: both), spread(b, y, to: both))
        return .integers(both, zip(left, right).map(f))
    }

    private static func clipped(_ node: NodeReader, _ values: [Int64]) throws(OperatorFault) -> [Int64] {
        let low = node.has(1) ? try integers(node, 1).1.first : nil,
            high = node.has(2) ? try integers(node, 2).1.first : nil
        return values.map { min(max($0, low ?? .min), high ?? .max) }
    }

    /// Repeats broadcast elements until the numbers fill the shape.
    private static func spread(_ shape: Shape, _ values: [Int64], to target: Shape) -> [Int64] {
        shape.sources(in: target).map { values[$0] }
    }

    private static func expand(_ shape: Shape, _ values: [Int64], to target: Shape) throws(OperatorFault) -> Operand {
        guard let both = Shape.broadcast(shape, target) else { throw .shape("\(shape) does not expand to \(target)") }
        return .integers(both, spread(shape, values, to: both))
    }

    private static func choose(_ node: NodeReader, _ shape: Shape, _ values: [Int64]) throws(OperatorFault) -> Operand {
        let ((a, x), (b, y)) = (try integers(node, 1), try integers(node, 2))
        guard let pair = Shape.broadcast(a, b), let whole = Shape.broadcast(shape, pair) else {
            throw .shape("operands of shapes \(shape), \(a) and \(b) do not broadcast")
        }
        _ = try Fold.checked(whole)
        let (condition, left, right) = (
            spread(shape, values, to: whole), spread(a, x, to: whole), spread(b, y, to: whole)
        )
        return .integers(whole, condition.indices.map { condition[$0] != 0 ? left[$0] : right[$0] })
    }

    private static func gather(_ node: NodeReader, _ shape: Shape, _ values: [Int64]) throws(OperatorFault) -> Operand {
        let axis = try node.axis(try node.int("axis", default: 0), in: shape)
        let (indexShape, indices) = try integers(node, 1)
        let (outer, extent) = (shape.dims[..<axis].reduce(1, *), shape[axis])
        let inner = shape.dims[(axis + 1)...].reduce(1, *)
        var picked: [Int64] = []
        for o in 0..<outer {
            for index in indices {
                let at = Int(clamping: index < 0 ? index + Int64(extent) : index)
                guard (0..<extent).contains(at) else {
                    throw .shape("index \(index) is outside axis \(axis) of \(shape)")
                }
                picked += values[(o * extent + at) * inner..<(o * extent + at + 1) * inner]
            }
        }
        return .integers(Shape(Array(shape.dims[..<axis]) + indexShape.dims + Array(shape.dims[(axis + 1)...])), picked)
    }

    private static func slice(_ node: NodeReader, _ shape: Shape, _ values: [Int64]) throws(OperatorFault) -> Operand {
        let range = try node.slice(of: shape)
        let output = Shape(range.counts)
        let (strides, outStrides) = (shape.strides, output.strides)
        return .integers(
            output,
            (0..<output.count).map { index in
                values[
                    (0..<shape.rank).reduce(0) { sum, axis in
                        sum + (range.starts[axis] + index / outStrides[axis] % output[axis] * range.steps[axis])
                            * strides[axis]
                    }]
            })
    }

    private static func concat(_ node: NodeReader) throws(OperatorFault) -> Operand {
        var joined: [Int64] = []
        for index in node.operands.indices { joined += try integers(node, index).1 }
        return Fold.integers(joined)
    }

    static func range(_ node: NodeReader) throws(OperatorFault) -> Operand {
        let bounds = [try integers(node, 0).1, try integers(node, 1).1, try integers(node, 2).1].compactMap(\.first)
        guard bounds.count == 3, bounds[2] != 0,
            abs((Double(bounds[1]) - Double(bounds[0])) / Double(bounds[2])) < Double(1 << 24)
        else {
            throw .shape("a range over \(bounds) is not possible")
        }
        return Fold.integers(Array(stride(from: bounds[0], to: bounds[1], by: Int(clamping: bounds[2]))))
    }
}

extension Operand {
    var isInteger: Bool { if case .integers = self { true } else { false } }

}

extension Int64 {
    fileprivate var isExactFloat: Bool { magnitude <= 1 << 24 || Int64(exactly: Float(self)) == self }
}

/// Which of an operator's outputs are integers that it computed as floats.
struct IntegerResults {
    let outputs: Range<Int>
    let areSums: Bool
    /// What the results are places in; empty where they are the numbers themselves.
    var table: [Int64] = []

    /// An output as integers, where it is of them.
    func read(_ index: Int, _ operand: Operand) throws(OperatorFault) -> Operand {
        guard outputs.contains(index), case .floats(let shape, let storage) = operand else { return operand }
        let numbers = storage.values.map { Int64(exactly: $0.rounded()) ?? 0 }
        guard table.isEmpty else { return .integers(shape, numbers.map { table[Int($0)] }) }
        guard !areSums || numbers.allSatisfy({ $0.magnitude <= 1 << 24 }) else {
            throw .shape("its result holds integers beyond 2^24, which cannot be computed with")
        }
        return .integers(shape, numbers)
    }
}

extension NodeReader {
    /// Operands that hold data, of operators that move or combine numbers of any type; their other operands are
    /// indices.
    private static let dataOperands: [String: [Int]] = [
        "Add": [0, 1], "And": [0, 1], "ArgMax": [0], "ArgMin": [0], "Clip": [0, 1, 2], "CumSum": [0], "Equal": [0, 1],
        "Gather": [0],
        "GatherElements": [0], "GatherND": [0], "Greater": [0, 1], "GreaterOrEqual": [0, 1], "Less": [0, 1],
        "LessOrEqual": [0, 1],
        "Max": [0, 1], "Min": [0, 1], "Mod": [0, 1], "Mul": [0, 1], "Not": [0], "Or": [0, 1], "Pad": [0, 2],
        "Pow": [0, 1], "ReduceMax": [0],
        "ReduceMin": [0], "ReduceProd": [0], "ReduceSum": [0], "Scatter": [0, 2], "ScatterElements": [0, 2],
        "ScatterND": [0, 2], "Sign": [0],
        "Split": [0], "Sub": [0, 1], "TopK": [0], "Transpose": [0], "Trilu": [0], "Where": [0, 1, 2], "Xor": [0, 1],
    ]

    /// Operators whose outputs from the one of this index on are indices.
    private static let indexOutputs = ["ArgMax": 0, "ArgMin": 0, "TopK": 1]

    /// Operators whose outputs are some of their operands' elements, or 0.
    private static let moving: Set = [
        "Concat", "GatherElements", "GatherND", "Pad", "Scatter", "ScatterElements", "ScatterND", "Split", "Transpose",
        "Trilu",
    ]
    private static let comparing: Set = ["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"]
    private static let summing: Set = ["CumSum", "Pow", "ReduceProd", "ReduceSum"]

    /// Integer constants that an operator computes with become floats, which hold them exactly below 2^24, so that one
    /// implementation serves both. What only moves larger ones is given their places in a table instead.
    mutating func readIntegersAsFloats() throws(OperatorFault) -> IntegerResults {
        let data = node.opType == "Concat" ? Array(operands.indices) : Self.dataOperands[node.opType] ?? []
        let result = node.opType == "Where" ? 1 : 0
        let areIntegers =
            Registry.truthValues.contains(node.opType) || (data.contains(result) && operand(result)?.isInteger ?? false)
        let first = areIntegers ? 0 : Self.indexOutputs[node.opType] ?? outputCount
        let results = IntegerResults(
            outputs: min(first, outputCount)..<outputCount, areSums: Self.summing.contains(node.opType))
        let integers = data.filter { operand($0)?.isInteger ?? false }
        let reduction = try string("reduction", default: "none")
        let isMoved =
            Self.moving.contains(node.opType) && reduction == "none"
            && data.allSatisfy { operand($0)?.isInteger ?? true } && operands.allSatisfy { $0?.isConstant ?? true }
        for index in integers {
            guard case .integers(let shape, let values)? = operands[index] else { continue }
            if values.contains(where: { !$0.isExactFloat }) {
                if isMoved { return movingPlaces(of: integers, results) }
                // Against numbers within 2^24, rounding does not change what is greater.
                let isBound = Self.comparing.contains(node.opType) || node.opType == "Clip" && index > 0
                guard isBound else {
                    throw .shape("operand \(index) holds integers beyond 2^24, which cannot be computed with")
                }
            }
            operands[index] = .floats(shape, FloatStorage(values.map(Float.init)))
        }
        return results
    }

    private mutating func movingPlaces(of data: [Int], _ results: IntegerResults) -> IntegerResults {
        var results = results
        results.table = [0]
        for index in data {
            guard case .integers(let shape, let values)? = operands[index] else { continue }
            operands[index] = .floats(shape, FloatStorage(values.indices.map { Float(results.table.count + $0) }))
            results.table += values
        }
        return results
    }

    /// The type of each output, where it is known and an operator behind may have to know it.
    var resultTypes: [ElementType?] {
        let own: ElementType? =
            switch node.opType {
            case "QuantizeLinear":
                (try? int("output_dtype")).flatMap { $0 }.map { ElementType(code: Int64($0)) } ?? type(2) ?? .uint8
            case "DequantizeLinear": nil
            case "Where": type(1)
            default: statedType ?? type(0)
            }
        return (0..<outputCount).map { $0 >= Self.indexOutputs[node.opType] ?? .max ? .int64 : own }
    }

    /// The type of the outputs where the node itself tells.
    var statedType: ElementType? {
        switch (node.opType, node.attributes["to"], node.attributes["value"]) {
        case ("Cast", .int(let code)?, _): ElementType(code: code)
        // Operator set 1 wrote the type's name.
        case ("Cast", .string(let name)?, _):
            name == "FLOAT" || name == "DOUBLE" || name == "FLOAT16" ? .float32 : name == "BOOL" ? .bool : .int64
        case ("Constant", _, .tensor(let tensor)?): tensor.elementType
        case _ where Registry.truthValues.contains(node.opType): .bool
        default: nil
        }
    }
}
