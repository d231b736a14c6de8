import ONNX

/// Evaluates while importing what needs no image: shapes, indices, and numbers made of constants.
enum Fold {
    /// The outputs of a node that is made of shapes and constants, or nil where the node computes with images.
    typealias Rule = @Sendable (NodeReader) throws(OperatorFault) -> [Operand]?

    /// A new rule is a function here and a line in this table; what an operator does with integers stands on the
    /// operator (see `IntegerUse`).
    static let rules: [String: Rule] = [
        "Cast": Fold.cast,
        "CastLike": Fold.castLike,
        "Constant": Fold.constant,
        "ConstantOfShape": Fold.constantOfShape,
        "DequantizeLinear": Fold.dequantize,
        "NonZero": Fold.nonZero,
        "Range": Fold.range,
        "Shape": Fold.shape,
        "Size": Fold.size,
    ]

    /// The outputs of a node by its rule, or by what its operator does with integers where it has no other operands;
    /// nil where the node computes with images.
    static func evaluate(_ node: NodeReader) throws(OperatorFault) -> [Operand]? {
        if let rule = rules[node.node.opType] { return try rule(node) }
        guard case .integers? = node.operand(0), node.operands.allSatisfy({ $0?.isInteger ?? true }) else { return nil }
        guard let fold = Registry.type(node.node)?.integers(node).fold else { return nil }
        // What changes or joins integers makes as many; what spreads them compares the rest.
        let count = try node.operands.map { Extent($0?.shape.count ?? 0) }.sum()
        _ = try node.constant(try Shape([count]), copies: 2)
        guard let result = try fold(node) else { return nil }
        if case .numbers(let operand)? = Registry.type(node.node)?.integers(node).outputs, let type = node.type(operand)
        {
            return [result.narrowed(to: type)]
        }
        return [result]
    }

    static func integers(_ values: [Int64]) -> Operand { .integers(.vector(values.count), values) }

    private static func shape(_ node: NodeReader) throws(OperatorFault) -> [Operand]? {
        let dims = try node.shape(0).dims, rank = Extent(dims.count)
        func place(_ stated: Extent) throws(OperatorFault) -> Int {
            min(max(stated < 0 ? try stated + rank : stated, 0), rank).value
        }
        let start = try place(try node.int("start", default: 0)), end = try place(try node.int("end", default: rank))
        return [integers(start < end ? dims[start..<end].map(\.int64) : [])]
    }

    private static func size(_ node: NodeReader) throws(OperatorFault) -> [Operand]? {
        [.integers(.scalar, [try node.shape(0).count.int64])]
    }

    private static func constantOfShape(_ node: NodeReader) throws(OperatorFault) -> [Operand]? {
        let shape = try Shape(try node.integers(0))
        guard case .tensor(let fill)? = node.node.attributes["value"] else {
            return [try node.floats(shape) { $0.initialize(repeating: 0, count: shape.count) }]
        }
        switch try Operand(fill, within: node.limits.memory) {
        case .floats(_, let value):
            let number = value.values.first ?? 0
            return [try node.floats(shape) { $0.initialize(repeating: number, count: shape.count) }]
        case .integers(_, let value):
            return [.integers(try node.constant(shape), [Int64](repeating: value.first ?? 0, count: shape.count))]
        case .value: throw .attributeType("value")
        }
    }

    private static func cast(_ node: NodeReader) throws(OperatorFault) -> [Operand]? {
        try cast(node, to: node.castType ?? .float32)
    }

    private static func castLike(_ node: NodeReader) throws(OperatorFault) -> [Operand]? {
        let like = try node.required(1)
        return try cast(node, to: node.type(1) ?? (like.isInteger ? .int64 : .float32))
    }

    private static func dequantize(_ node: NodeReader) throws(OperatorFault) -> [Operand]? {
        guard case .integers(let shape, let values) = try node.required(0) else { return nil }
        let quantize = try Quantize(node)
        let zero =
            node.has(2) ? try node.wholeNumbers(2).values : [Int64](repeating: 0, count: quantize.scales.values.count)
        return [try node.floats(shape) { quantize.dequantize(values, zero: zero, into: $0) }]
    }

    private static func constant(_ node: NodeReader) throws(OperatorFault) -> [Operand]? {
        for (name, attribute) in node.node.attributes {
            switch (name, attribute) {
            case ("value", .tensor(let tensor)): return [try Operand(tensor, within: node.limits.memory)]
            case ("value_float", .float(let value)): return [try node.floats(.scalar, of: [value]) { $0 }]
            case ("value_floats", .floats(let values)):
                return [try node.floats(.vector(values.count), of: values) { $0 }]
            case ("value_int", .int(let value)): return [.integers(.scalar, [value])]
            case ("value_ints", .ints(let values)): return [integers(values)]
            default: continue
            }
        }
        throw .attribute("value", "missing or of a kind other than numbers")
    }

    private static func cast(_ node: NodeReader, to type: ElementType) throws(OperatorFault) -> [Operand]? {
        let operand = try node.required(0)
        switch (operand, type.isFloat) {
        case (.integers(let shape, let values), true): return [try node.floats(shape, of: values, Float.init)]
        case (.integers(let shape, let values), false) where type == .bool:
            return [.integers(try node.constant(shape), values.map { $0 == 0 ? 0 : 1 })]
        case (.integers(let shape, _), false):
            _ = try node.constant(shape)
            return [operand.narrowed(to: type)]
        case (.floats(let shape, let storage), false):
            // Whole numbers, and those of them that the type holds.
            let shape = try node.constant(shape, copies: 2)
            let whole = (0..<storage.count).map { index in
                // What is no number of int64 becomes 0.
                let value = storage[index]
                return type == .bool ? (value == 0 ? 0 : 1) : Int64(exactly: value.rounded(.towardZero)) ?? 0
            }
            return [Operand.integers(shape, whole).narrowed(to: type)]
        case (.value, false):
            // Computed at run time, where whole numbers are floats too.
            guard let source = node.type(0), !source.isFloat, type != .bool else { return nil }
            return type.wholeNumbers == nil || source == type || source == .bool ? [operand] : nil
        default: return [operand]
        }
    }

    /// The indices of the numbers other than 0, an axis a row. https://onnx.ai/onnx/operators/onnx__NonZero.html
    private static func nonZero(_ node: NodeReader) throws(OperatorFault) -> [Operand]? {
        let places: [Int]
        let shape = try node.shape(0).shape
        try node.countTable(Extent(shape.count))
        switch try node.required(0) {
        case .integers(_, let values): places = values.indices.filter { values[$0] != 0 }
        case .floats(_, let storage): places = (0..<storage.count).filter { storage[$0] != 0 }
        case .value: throw .notConstant(0)
        }
        let strides = shape.strides
        let result = try node.constant(try Shape([shape.rank, places.count]), copies: 2)
        let rows = shape.dims.indices.flatMap { axis in places.map { Int64($0 / strides[axis] % shape[axis]) } }
        return [.integers(result, rows)]
    }

    private static func range(_ node: NodeReader) throws(OperatorFault) -> [Operand]? {
        if case .integers? = node.operand(0) { return [try wholeRange(node)] }
        let (start, limit, delta) = (try node.floats(0).storage, try node.floats(1).storage, try node.floats(2).storage)
        guard start.count == 1, limit.count == 1, delta.count == 1, delta[0] != 0 else {
            throw .shape("a range needs three numbers")
        }
        let shape = try length(Double(start[0]), Double(limit[0]), Double(delta[0]), node)
        return [try node.floats(shape, of: 0..<shape.count) { start[0] + Float($0) * delta[0] }]
    }

    private static func wholeRange(_ node: NodeReader) throws(OperatorFault) -> Operand {
        var bounds: [Int64] = []
        for index in 0..<3 { bounds += try node.wholeNumbers(index).1.prefix(1) }
        guard bounds.count == 3, bounds[2] != 0 else { throw .shape("a range over \(bounds) is not possible") }
        let shape = try length(Double(bounds[0]), Double(bounds[1]), Double(bounds[2]), node)
        var (next, isOver, numbers) = (bounds[0], false, [Int64]())
        numbers.reserveCapacity(shape.count)
        while !isOver, bounds[2] > 0 ? next < bounds[1] : next > bounds[1] {
            numbers.append(next)
            (next, isOver) = next.addingReportingOverflow(bounds[2])
        }
        return integers(numbers)
    }

    /// The shape of a range, which there is memory for.
    private static func length(
        _ start: Double, _ limit: Double, _ delta: Double, _ node: NodeReader
    ) throws(OperatorFault) -> Shape {
        let count = ((limit - start) / delta).rounded(.up)
        guard count < 0x1p24 else { throw .shape("a range of \(count) numbers is too long") }
        return try node.constant(try Shape([try Extent(max(0, count))]))
    }
}

extension Operand {
    /// Integers as a type holds them.
    fileprivate func narrowed(to type: ElementType) -> Operand {
        guard case .integers(let shape, let values) = self else { return self }
        return .integers(shape, values.map(type.wrapped))
    }
}
