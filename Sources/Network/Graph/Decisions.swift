import ONNX

/// What stands after the scores in files that give a decision: the best class, its label, a table of labels and
/// scores.
struct Decisions {
    private let producers: [String: NodeDef]

    init(_ graph: GraphDef) {
        producers = Dictionary(graph.nodes.flatMap { node in node.outputs.map { ($0, node) } }) { first, _ in first }
    }

    private static let deciding: Set = ["ArgMax", "Hardmax", "TopK", "ai.onnx.ml.Normalizer", "ai.onnx.ml.ZipMap"]
    private static let passing: Set = [
        "Cast", "Flatten", "Gather", "Identity", "Reshape", "Slice", "Squeeze", "Unsqueeze",
        "ai.onnx.ml.ArrayFeatureExtractor", "ai.onnx.ml.LabelEncoder",
    ]

    /// The tensor that the first decision on the way to an output reads; nil where there is no decision.
    func scores(decidedBy output: String) -> String? {
        var (found, seen, waiting): (String?, Set<String>, [String]) = (nil, [], [output])
        while let name = waiting.popLast() {
            guard let node = producers[name], seen.insert(name).inserted else { continue }
            if Self.deciding.contains(node.qualifiedType) {
                found = node.inputs.first
                waiting = node.inputs.first.map { [$0] } ?? []
            } else if Self.passing.contains(node.qualifiedType) {
                waiting += node.inputs.reversed()
            }
        }
        return found
    }
}

extension GraphDef {
    /// The classes' labels, where a table of labels stands after the scores.
    public var labels: [String]? {
        for node in nodes where node.qualifiedType == "ai.onnx.ml.ZipMap" {
            if case .strings(let labels)? = node.attributes["classlabels_strings"] { return labels }
        }
        let tables = initializers.filter { $0.elementType == .string && $0.dims.filter { $0 != 1 }.count == 1 }
        return tables.count == 1 ? try? tables[0].strings() : nil
    }
}
