import ONNX

/// Sequences of tensors, which exporters leave of Python's lists: they are taken apart while importing, where their
/// lengths are known.
/// https://onnx.ai/onnx/operators/onnx__SplitToSequence.html and its kin
extension Importer {
    /// Gives the nodes that a node of sequences stands for; its sequence, where it gives one, is remembered by its
    /// name.
    typealias SequenceRule = @Sendable (SequenceNode, inout Importer) throws(OperatorFault) -> [NodeDef]

    /// A new rule is a function here and a line in this table.
    static let sequenceRules: [String: SequenceRule] = [
        "ConcatFromSequence": Importer.concatenate,
        "SequenceAt": Importer.element,
        "SequenceConstruct": Importer.construct,
        "SequenceEmpty": Importer.empty,
        "SequenceErase": Importer.erase,
        "SequenceInsert": Importer.insert,
        "SequenceLength": Importer.length,
        "SplitToSequence": Importer.split,
    ]

    /// Adds the nodes that a node of sequences stands for.
    mutating func addSequence(_ node: NodeDef, _ rule: SequenceRule, opset: Int, depth: Int) throws(NetworkError) {
        guard !node.outputs.isEmpty else { return }
        let nodes: [NodeDef]
        do throws(OperatorFault) { nodes = try rule(SequenceNode(node, self), &self) } catch {
            throw fault(error, node, opset)
        }
        add(nodes, opset: opset, depth: depth)
    }

    /// Remembers a node's sequence: the others, with those of the range exchanged.
    private mutating func remember(
        _ items: [String] = [], exchanging range: Range<Int> = 0..<0, for others: [String] = [], of node: SequenceNode
    ) throws(OperatorFault) -> [NodeDef] {
        let count = items.count - range.count + others.count
        try Self.checkLength(count)
        try claim(bytes: count * MemoryLayout<String>.stride, for: "a sequence of \(count) tensors")
        var sequence: [String] = []
        sequence.reserveCapacity(count)
        sequence += items[..<range.lowerBound]
        sequence += others
        sequence += items[range.upperBound...]
        sequences[node.output] = sequence
        return []
    }

    private static func construct(_ node: SequenceNode, _ importer: inout Importer) throws(OperatorFault) -> [NodeDef] {
        try importer.remember(for: node.inputs, of: node)
    }

    private static func empty(_ node: SequenceNode, _ importer: inout Importer) throws(OperatorFault) -> [NodeDef] {
        try importer.remember(of: node)
    }

    private static func insert(_ node: SequenceNode, _ importer: inout Importer) throws(OperatorFault) -> [NodeDef] {
        guard node.inputs.count > 1 else { throw .missingOperand(1) }
        let place = try node.place(2, orEnd: true)
        return try importer.remember(try node.items, exchanging: place..<place, for: [node.inputs[1]], of: node)
    }

    private static func erase(_ node: SequenceNode, _ importer: inout Importer) throws(OperatorFault) -> [NodeDef] {
        let place = try node.place(1)
        return try importer.remember(try node.items, exchanging: place..<place + 1, of: node)
    }

    private static func element(_ node: SequenceNode, _ importer: inout Importer) throws(OperatorFault) -> [NodeDef] {
        [node.made("Identity", [try node.items[try node.place(1)]], [node.output])]
    }

    private static func length(_ node: SequenceNode, _ importer: inout Importer) throws(OperatorFault) -> [NodeDef] {
        [node.made("Constant", [], [node.output], ["value_int": .int(Int64(try node.items.count))])]
    }

    private static func concatenate(
        _ node: SequenceNode, _ importer: inout Importer
    ) throws(OperatorFault) -> [NodeDef] {
        let (items, axis) = (try node.items, try node.reader.int("axis", default: 0).int64)
        guard !items.isEmpty else { throw .shape("an empty sequence cannot be put together") }
        let along = ["axis": Attribute.int(axis)]
        guard try node.reader.flag("new_axis") else { return [node.made("Concat", items, [node.output], along)] }
        let names = items.indices.map { "\(node.output)\0\($0)" }
        return zip(items, names).map { .piece("Unsqueeze", $0, $1, axis: axis) }
            + [node.made("Concat", names, [node.output], along)]
    }

    private static func split(_ node: SequenceNode, _ importer: inout Importer) throws(OperatorFault) -> [NodeDef] {
        let (reader, input) = (node.reader, try node.reader.shape(0))
        let axis = try reader.axis(of: input, default: 0)
        let stated = reader.has(1) ? try reader.integers(1) : [1]
        let isOneSize = reader.has(1) ? try reader.shape(1).rank == 0 : true
        let sizes = isOneSize ? try pieces(of: stated.first ?? 0, in: input[axis]) : stated
        try checkLength(sizes.count)
        let names = sizes.indices.map { "\(node.output)\0\($0)" }
        _ = try importer.remember(for: names, of: node)
        let along = ["axis": Attribute.int(Int64(axis)), "split": .ints(sizes.map(\.int64))]
        let keepsAxis = try reader.flag("keepdims", default: true)
        guard !keepsAxis, !reader.has(1) else { return [node.made("Split", [node.inputs[0]], names, along)] }
        let pieces = names.map { $0 + "\0" }
        return [node.made("Split", [node.inputs[0]], pieces, along)]
            + zip(pieces, names).map { .piece("Squeeze", $0, $1, axis: Int64(axis)) }
    }

    /// The most tensors of a sequence. No network that is in use comes near.
    private static let longest = 1 << 12

    private static func checkLength(_ count: Int) throws(OperatorFault) {
        guard count <= longest else {
            throw .shape("a sequence of \(count) tensors is too long: \(longest) are the most")
        }
    }

    /// Pieces of one size that make up an axis; the last may be shorter.
    private static func pieces(of size: Extent, in extent: Extent) throws(OperatorFault) -> [Extent] {
        guard size > 0, try extent / size < Extent(longest) else {
            throw .shape("pieces of \(size) do not make up an axis of \(extent), in a sequence of at most \(longest)")
        }
        let whole = [Extent](repeating: size, count: try (extent / size).value), rest = try extent % size
        return rest > 0 ? whole + [rest] : whole
    }
}

/// What a rule may ask of a node of sequences.
struct SequenceNode {
    let reader: NodeReader
    let output: String
    private let sequence: [String]?

    /// - Parameter node: has an output at least.
    init(_ node: NodeDef, _ importer: Importer) {
        reader = NodeReader(node: node, opset: Lowering.opset, operands: node.inputs.map { importer.tensors[$0] })
        output = node.outputs[0]
        sequence = node.inputs.first.flatMap { importer.sequences[$0] }
    }

    var inputs: [String] { reader.node.inputs }

    /// The tensors of the sequence that the node reads.
    var items: [String] {
        get throws(OperatorFault) {
            guard let sequence else { throw .missingOperand(0) }
            return sequence
        }
    }

    /// The place in the sequence that operand `index` names; its end (else its last element) where there is none.
    func place(_ index: Int, orEnd: Bool = false) throws(OperatorFault) -> Int {
        let count = try items.count, last = orEnd ? count : count - 1
        let stated = reader.has(index) ? try reader.integers(index).first ?? 0 : Extent(last)
        let place = stated < 0 ? try stated + Extent(count) : stated
        guard place >= 0, place <= Extent(last) else {
            throw .shape("element \(stated) of a sequence of \(count) is not there")
        }
        return place.value
    }

    /// A node that stands for this one.
    func made(_ op: String, _ inputs: [String], _ outputs: [String], _ attributes: [String: Attribute] = [:]) -> NodeDef
    {
        NodeDef(
            name: reader.node.name, opType: op, domain: NodeDef.written, inputs: inputs, outputs: outputs,
            attributes: attributes, metadata: reader.node.metadata)
    }
}

extension NodeDef {
    /// One tensor of a sequence, with an axis put in or taken away.
    fileprivate static func piece(_ op: String, _ input: String, _ output: String, axis: Int64) -> NodeDef {
        NodeDef(
            name: output, opType: op, domain: written, inputs: [input], outputs: [output],
            attributes: ["axes": .ints([axis])])
    }
}
