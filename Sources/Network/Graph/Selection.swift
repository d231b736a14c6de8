import ONNX

/// An output whose rows are chosen among others by their scores, as a detector's are after suppression: which rows is
/// decided at run time, and has no gradient, but what they are chosen from has.
struct Selection {
    /// The output.
    let output: String
    /// Every computed tensor whose numbers this or another such output's are, moved, or scaled and shifted four in a row as boxes are;
    /// in the order in which they are computed.
    let values: [ValueID]
    /// Those that are computed otherwise, of the output itself.
    let heads: [ValueID]

    /// - Parameter name: an output; nil: the first whose rows are chosen.
    /// - Returns: nil where no rows are chosen.
    init?(_ importer: Importer, _ graph: GraphDef, of name: String?) {
        let producers = Dictionary(graph.nodes.flatMap { node in node.outputs.map { ($0, node) } }) { first, _ in first
        }
        var (found, values, heads): (String?, Set<ValueID>, Set<ValueID>) = (nil, [], [])
        for output in graph.outputs.prefix(Self.mostOutputs) {
            let walk = Walk(from: output.name, producers, importer)
            guard walk.isChoice else { continue }
            // Boxes and their scores may be two outputs, of which one is named.
            values.formUnion(walk.values)
            guard name == nil || name == output.name else { continue }
            found = found ?? output.name
            heads.formUnion(walk.heads)
        }
        guard let found else { return nil }
        (output, self.values, self.heads) = (found, values.sorted(), heads.sorted())
    }

    /// No detector has as many.
    private static let mostOutputs = 16
}

/// From a tensor back to where its numbers come from.
private struct Walk {
    private(set) var isChoice = false
    private(set) var values: Set<ValueID> = []
    private(set) var heads: Set<ValueID> = []

    init(from tensor: String, _ producers: [String: NodeDef], _ importer: Importer) {
        var (seen, waiting): (Set<String>, [String]) = ([], [tensor])
        while let name = waiting.popLast() {
            guard !name.isEmpty, seen.insert(name).inserted, importer.tensors[name]?.isConstant != true else {
                continue
            }
            let sources = producers[name].map { self.sources(of: name, $0, importer) } ?? []
            if case .value(let value, _)? = importer.tensors[name] {
                values.insert(value)
                if sources.isEmpty { heads.insert(value) }
            }
            waiting += sources
        }
    }

    private static let moving: Set = [
        "Cast", "Clip", "Expand", "Flatten", "Identity", "Pad", "Reshape", "Slice", "Split", "Squeeze", "Transpose",
        "Unsqueeze",
    ]
    private static let picking: Set = ["Compress", "Gather", "GatherElements", "GatherND"]
    private static let scaling: Set = ["Add", "Div", "MatMul", "Mul", "Sub"]

    /// The operands whose numbers a node gives on; empty where it makes others of them.
    private mutating func sources(of name: String, _ node: NodeDef, _ importer: Importer) -> [String] {
        switch node.opType {
        case "Concat": return node.inputs
        case "Where": return Array(node.inputs.dropFirst())
        case "ScatterElements", "ScatterND":
            return [0, 2].compactMap { node.inputs.indices.contains($0) ? node.inputs[$0] : nil }
        case let type where Self.moving.contains(type): return Array(node.inputs.prefix(1))
        case let type where Self.picking.contains(type):
            guard node.inputs.count > 1 else { return [] }
            if importer.tensors[node.inputs[1]]?.isConstant != true { isChoice = true }
            return [node.inputs[0]]
        case "TopK":
            isChoice = true
            return name == node.outputs.first ? Array(node.inputs.prefix(1)) : []
        case let type where Self.scaling.contains(type):
            // Wider ones are features.
            guard case .value(_, let shape)? = importer.tensors[name], shape.dims.last ?? 0 <= 4 else { return [] }
            return node.inputs
        // Suppression in one node, as TensorRT's plugins are: boxes and scores.
        case let type where type.contains("NMS"):
            isChoice = true
            return Array(node.inputs.prefix(2))
        default: return []
        }
    }
}
