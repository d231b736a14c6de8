import ONNX

/// Names of tensors that stand in no file's graph by that name: those of functions, of branches, and of nodes that others
/// are rewritten into. A file's own names hold no NUL (`Model.checkNames`), and so none of them is taken.
enum TensorName {
    /// What a tensor was made for.
    enum Maker: String { case function = "(", branch = "{", rewriting = "[" }

    /// A name that no other tensor has: `name` is different for each that is made for this node.
    ///
    /// - Parameter depth: tells a node from the one inside it that gives the same output.
    static func made(_ name: String, by node: NodeDef, _ maker: Maker, depth: Int) -> String {
        "\(name)\0\(depth)\(maker.rawValue)\(node.outputs.first { !$0.isEmpty } ?? "")\0)"
    }

    /// Whether a node gives it that stands in no file: one that another was rewritten into, before the last, or one of
    /// the importer's own.
    static func isInner(_ name: String) -> Bool {
        guard let end = name.utf8.firstIndex(of: 0) else { return false }
        let rest = name[end...].dropFirst()
        return end == name.startIndex || rest.drop(while: \.isNumber).hasPrefix(Maker.rewriting.rawValue)
    }

    /// What a person is shown of it, and writes to mean it.
    static func shown(_ name: String) -> String {
        name.utf8.firstIndex(of: 0).map { String(name[..<$0]) } ?? name
    }
}

extension NodeDef {
    /// The node with its tensors under other names, those in the graphs of its attributes too.
    ///
    /// - Parameter reference: what stands for a reference to an attribute, as it is; nil: the attribute is left out.
    func renamed(_ rename: (String) -> String, reference: (String) -> Attribute? = { .reference($0) }) -> NodeDef {
        var copy = self
        copy.inputs = inputs.map { $0.isEmpty ? "" : rename($0) }
        copy.outputs = outputs.map { $0.isEmpty ? "" : rename($0) }
        copy.attributes = attributes.compactMapValues { attribute in
            switch attribute {
            case .reference(let name): reference(name)
            case .graph(let graph): .graph(graph.renamed(rename, reference: reference))
            default: attribute
            }
        }
        return copy
    }
}

extension GraphDef {
    fileprivate func renamed(
        _ rename: (String) -> String, reference: (String) -> Attribute? = { .reference($0) }
    ) -> GraphDef {
        var copy = self
        copy.nodes = nodes.map { $0.renamed(rename, reference: reference) }
        for index in initializers.indices { copy.initializers[index].name = rename(initializers[index].name) }
        copy.sparseInitializers = sparseInitializers.map(rename)
        for index in outputs.indices { copy.outputs[index].name = rename(outputs[index].name) }
        return copy
    }

    /// The graph of a node's branch, with its own tensors under names that no other graph has.
    func branch(of node: NodeDef, depth: Int) -> GraphDef {
        let own = Set(initializers.map(\.name) + sparseInitializers).union(nodes.flatMap(\.outputs))
        return renamed { own.contains($0) ? TensorName.made($0, by: node, .branch, depth: depth) : $0 }
    }
}
