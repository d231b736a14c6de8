import ONNX

extension FunctionDef {
    /// The nodes of the function's body as they stand for one call, under names of that call.
    ///
    /// - Parameter depth: of the call.
    func inlined(at call: NodeDef, depth: Int) -> [NodeDef] {
        let prefix = (call.name.isEmpty ? TensorName.shown(call.outputs.first ?? name) : call.name) + "/"
        var names: [String: String] = [:]
        for (input, given) in zip(inputs, call.inputs) { names[input] = given }
        for (output, given) in zip(outputs, call.outputs) where !given.isEmpty { names[output] = given }
        return nodes.map { node in
            var copy = node.renamed {
                names[$0]
                    ?? (parameters.contains($0) ? "" : TensorName.made(prefix + $0, by: call, .function, depth: depth))
            } reference: {
                call.attributes[$0] ?? attributeDefaults[$0]
            }
            copy.name = prefix + (node.name.isEmpty ? node.outputs.first ?? node.opType : node.name)
            if copy.metadata.isEmpty { copy.metadata = call.metadata }
            return copy
        }
    }
}
