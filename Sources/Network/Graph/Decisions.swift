import ONNX

/// What stands behind the scores in files that give a decision: the best class, its label, a table of labels and scores.
struct Decisions {
    private let producers: [String: NodeDef]

    init(_ graph: GraphDef) {
        producers = Dictionary(graph.nodes.flatMap { node in node.outputs.map { ($0, node) } }) { first, _ in first }
    }

    private static let deciding: Set = ["ArgMax", "Hardmax", "TopK", "ai.onnx.ml.Normalizer", "ai.onnx.ml.ZipMap"]
    private static let passing: Set = [
        "Cast", "Flatten", "Gather", "Identity", "Reshape", "Slice", "Squeeze", "Unsqueeze", "ai.onnx.ml.ArrayFeatureExtractor", "ai.onnx.ml.LabelEncoder",
    ]

    /// The tensor that the first decision on the way to an output reads; nil where there is no decision.
    func scores(behind output: String, depth: Int = 0) -> String? {
        guard depth < 64, let node = producers[output] else { return nil }
        if Self.deciding.contains(node.qualifiedType) { return node.inputs.first.map { scores(behind: $0, depth: depth + 1) ?? $0 } }
        guard Self.passing.contains(node.qualifiedType) else { return nil }
        return node.inputs.lazy.compactMap { scores(behind: $0, depth: depth + 1) }.first
    }
}

extension GraphDef {
    /// The classes' labels, where a table of labels stands behind the scores.
    public var labels: [String]? {
        for node in nodes where node.qualifiedType == "ai.onnx.ml.ZipMap" {
            if case .strings(let labels)? = node.attributes["classlabels_strings"] { return labels }
        }
        let tables = initializers.filter { $0.elementType == .string && $0.dims.filter { $0 != 1 }.count == 1 }
        return tables.count == 1 ? try? tables[0].strings() : nil
    }
}
