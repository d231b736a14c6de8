import ONNX

/// How often a file uses an operator, and whether it can be run.
public struct OperatorUse: Sendable {
    /// With its domain, where that is not ONNX's own.
    public let name: String
    /// How many nodes use it.
    public let count: Int
    /// Whether it is known at all; how a node uses it may still be refused.
    public let isSupported: Bool

    /// Every operator of a file, bodies of functions and of conditions included, most used first.
    public static func all(in model: Model) -> [OperatorUse] {
        var counts: [String: Int] = [:]
        let functions = Set(model.functions.map { $0.domain + "." + $0.name })
        func count(_ nodes: [NodeDef]) {
            for node in nodes where !functions.contains(node.domain + "." + node.opType) {
                counts[node.qualifiedType, default: 0] += 1
                for case .graph(let graph) in node.attributes.values { count(graph.nodes) }
            }
        }
        count(model.graph.nodes)
        for function in model.functions { count(function.nodes) }
        return
            counts
            .map { OperatorUse(name: $0, count: $1, isSupported: Registry.knows($0)) }
            .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    }
}
