import ONNX

/// Sequences of tensors, which exporters leave of Python's lists: they are taken apart while importing, where their
/// lengths are known.
/// https://onnx.ai/onnx/operators/onnx__SplitToSequence.html and its kin
extension Importer {
    static let sequenceOperators: Set = [
        "ConcatFromSequence", "SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceErase", "SequenceInsert",
        "SequenceLength", "SplitToSequence",
    ]

    /// The nodes that a node of sequences stands for; its sequence, where it gives one, is remembered by its name.
    mutating func unpacked(_ node: NodeDef) throws(OperatorFault) -> [NodeDef] {
        let reader = NodeReader(node: node, opset: 13, operands: node.inputs.map { tensors[$0] })
        guard let output = node.outputs.first else { return [] }
        func items() throws(OperatorFault) -> [String] {
            guard let name = node.inputs.first, let items = sequences[name] else { throw .missingOperand(0) }
            return items
        }
        /// The place in a list that operand `index` names; its end (else its last element) where there is none.
        func place(_ index: Int, in list: [String], orEnd: Bool = false) throws(OperatorFault) -> Int {
            let last = orEnd ? list.count : list.count - 1
            let stated = reader.has(index) ? try reader.integers(index).first ?? 0 : last
            let place = stated < 0 ? stated + list.count : stated
            guard (0...max(last, 0)).contains(place), last >= 0 else {
                throw .shape("element \(stated) of a sequence of \(list.count) is not there")
            }
            return place
        }
        func made(_ op: String, _ inputs: [String], _ outputs: [String], _ attributes: [String: Attribute] = [:])
            -> NodeDef
        {
            NodeDef(
                name: node.name, opType: op, inputs: inputs, outputs: outputs, attributes: attributes,
                metadata: node.metadata)
        }
        switch node.opType {
        case "SequenceConstruct": sequences[output] = node.inputs
        case "SequenceEmpty": sequences[output] = []
        case "SequenceInsert":
            var list = try items()
            guard node.inputs.count > 1 else { throw .missingOperand(1) }
            list.insert(node.inputs[1], at: try place(2, in: list, orEnd: true))
            sequences[output] = list
        case "SequenceErase":
            var list = try items()
            list.remove(at: try place(1, in: list))
            sequences[output] = list
        case "SequenceAt":
            let list = try items()
            return [made("Identity", [list[try place(1, in: list)]], [output])]
        case "SequenceLength":
            return [made("Constant", [], [output], ["value_int": .int(Int64(try items().count))])]
        case "ConcatFromSequence":
            let (list, axis) = (try items(), Attribute.int(Int64(try reader.int("axis", default: 0))))
            guard !list.isEmpty else { throw .shape("an empty sequence cannot be put together") }
            guard try reader.flag("new_axis") else { return [made("Concat", list, [output], ["axis": axis])] }
            guard case .int(let place) = axis else { return [] }
            let names = list.indices.map { "\(output)\0\($0)" }
            return zip(list, names).map {
                NodeDef(
                    name: $1, opType: "Unsqueeze", inputs: [$0], outputs: [$1], attributes: ["axes": .ints([place])])
            }
                + [made("Concat", names, [output], ["axis": axis])]
        case "SplitToSequence":
            return try split(reader, made)
        default: throw .unsupported
        }
        return []
    }

    private mutating func split(
        _ reader: NodeReader, _ made: (String, [String], [String], [String: Attribute]) -> NodeDef
    ) throws(OperatorFault) -> [NodeDef] {
        let (node, input) = (reader.node, try reader.shape(0))
        let axis = try reader.axis(try reader.int("axis", default: 0), in: input)
        var sizes = [Int](repeating: 1, count: input[axis])
        if reader.has(1) {
            sizes = try reader.integers(1)
            if try reader.shape(1).rank == 0, let size = sizes.first, size > 0 {
                sizes = stride(from: 0, to: input[axis], by: size).map { min(size, input[axis] - $0) }
            }
        }
        guard sizes.count <= 1 << 12 else { throw .shape("a sequence of \(sizes.count) tensors is too long") }
        let names = sizes.indices.map { "\(node.outputs[0])\0\($0)" }
        sequences[node.outputs[0]] = names
        let along = ["axis": Attribute.int(Int64(axis)), "split": .ints(sizes.map(Int64.init))]
        let keepsAxis = try reader.flag("keepdims", default: true)
        guard !keepsAxis, !reader.has(1) else { return [made("Split", [node.inputs[0]], names, along)] }
        let pieces = names.map { $0 + "\0" }
        return [made("Split", [node.inputs[0]], pieces, along)]
            + zip(pieces, names).map {
                NodeDef(
                    name: $1, opType: "Squeeze", inputs: [$0], outputs: [$1], attributes: ["axes": .ints([Int64(axis)])]
                )
            }
    }
}
