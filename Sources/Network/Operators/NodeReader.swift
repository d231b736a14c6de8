import ONNX

/// A node's operand while importing: a value that is computed at run time, or a constant.
enum Operand {
    case value(ValueID, Shape)
    case floats(Shape, FloatStorage)
    case integers(Shape, [Int64])

    var shape: Shape {
        switch self {
        case .value(_, let shape), .floats(let shape, _), .integers(let shape, _): shape
        }
    }

    var isConstant: Bool { if case .value = self { false } else { true } }
}

/// What an operator's initialiser may ask of its node.
package struct NodeReader {
    let node: NodeDef
    /// The version of the ONNX operator set that the node is written in.
    let opset: Int
    /// nil where an optional operand is left out.
    var operands: [Operand?]
    /// The element type that the file gives each operand, where it is known.
    var types: [ElementType?] = []
    /// The number of images that the file's shapes are written for; shapes here are always those of one.
    var batch = 1
    /// What the network may ask for.
    var limits = Limits()
    /// The memory of its tables, which lives as long as the operator where it is kept.
    let tables = MemoryClaim()

    func type(_ index: Int) -> ElementType? { index < types.count ? types[index] : nil }

    var outputCount: Int { node.outputs.count }

    func has(_ index: Int) -> Bool { operand(index) != nil }

    func operand(_ index: Int) -> Operand? { index < operands.count ? operands[index] : nil }

    func required(_ index: Int) throws(OperatorFault) -> Operand {
        guard let operand = operand(index) else { throw .missingOperand(index) }
        return operand
    }

    func shape(_ index: Int) throws(OperatorFault) -> Extents { Extents(try required(index).shape) }

    /// An operand that must be a float constant (a weight).
    func floats(_ index: Int) throws(OperatorFault) -> (shape: Extents, storage: FloatStorage) {
        guard case .floats(let shape, let storage) = try required(index) else { throw .notConstant(index) }
        return (Extents(shape), storage)
    }

    /// An operand that must be an integer constant (axes, a shape, ...).
    func integers(_ index: Int) throws(OperatorFault) -> [Extent] {
        try wholeNumbers(index).values.map { Extent($0) }
    }

    // MARK: Attributes

    func int(_ name: String) throws(OperatorFault) -> Extent? {
        guard let attribute = node.attributes[name] else { return nil }
        guard case .int(let value) = attribute else { throw .attributeType(name) }
        return Extent(value)
    }

    func int(_ name: String, default value: Extent) throws(OperatorFault) -> Extent { try int(name) ?? value }

    func flag(_ name: String, default value: Bool = false) throws(OperatorFault) -> Bool {
        try int(name).map { $0 != 0 } ?? value
    }

    func float(_ name: String, default value: Float) throws(OperatorFault) -> Float {
        guard let attribute = node.attributes[name] else { return value }
        guard case .float(let found) = attribute else { throw .attributeType(name) }
        return found
    }

    func string(_ name: String, default value: String) throws(OperatorFault) -> String {
        guard let attribute = node.attributes[name] else { return value }
        guard case .string(let found) = attribute else { throw .attributeType(name) }
        return found
    }

    func ints(_ name: String) throws(OperatorFault) -> [Extent]? {
        guard let attribute = node.attributes[name] else { return nil }
        guard case .ints(let values) = attribute else { throw .attributeType(name) }
        return values.map { Extent($0) }
    }

    /// Integers that newer operator sets pass as an operand and older ones as an attribute.
    func ints(_ name: String, orOperand index: Int) throws(OperatorFault) -> [Extent]? {
        has(index) ? try integers(index) : try ints(name)
    }

    /// A scalar float that newer operator sets pass as an operand and older ones as an attribute.
    func float(_ name: String, orOperand index: Int) throws(OperatorFault) -> Float? {
        if has(index) {
            let (_, storage) = try floats(index)
            guard storage.count == 1 else { throw .shape("operand \(index) is not a scalar") }
            return storage[0]
        }
        return node.attributes[name] == nil ? nil : try float(name, default: 0)
    }

    /// The axis that the attribute `axis` names in a shape.
    func axis(of shape: Extents, default value: Extent) throws(OperatorFault) -> Int {
        try shape.axis(try int("axis", default: value))
    }

    /// The axes that numbers name in a shape; nil: all.
    func axes(_ values: [Extent]?, in shape: Extents) throws(OperatorFault) -> [Int] {
        guard let values else { return Array(shape.axes) }
        return try values.map { value throws(OperatorFault) in try shape.axis(value) }
    }

    // MARK: Limits

    /// The shape of an output that there is memory for. Operators that make tables of an output's size ask first.
    func output(_ shape: Shape) throws(OperatorFault) -> Shape {
        try limits.check(Extent(shape.count), bytes: 4, for: "its output, of shape \(shape),")
        return shape
    }

    /// Counts a table before it is made, and refuses one that there is no memory for.
    func countTable(_ entries: Extent, bytes: Extent = 8) throws(OperatorFault) {
        try limits.check(entries, bytes: bytes, for: "a table of \(entries) places")
        let all = try (entries * bytes).value
        do throws(MemoryShortage) {
            try tables.add(bytes: all, within: limits.memory, for: "a table of \(entries) places")
        } catch {
            throw .memory(error)
        }
    }
}
