import ONNX

extension FunctionDef {
    /// The nodes of the function's body as they stand for one call, under names of that call.
    func inlined(at call: NodeDef) -> [NodeDef] {
        let prefix = (call.name.isEmpty ? call.outputs.first ?? name : call.name) + "/"
        var names: [String: String] = [:]
        for (index, input) in inputs.enumerated() { names[input] = index < call.inputs.count ? call.inputs[index] : "" }
        for (index, output) in outputs.enumerated() where index < call.outputs.count && !call.outputs[index].isEmpty {
            names[output] = call.outputs[index]
        }
        let renamed = { (name: String) in name.isEmpty ? "" : names[name] ?? prefix + name }
        return nodes.map { node in
            var copy = node
            copy.name = prefix + (node.name.isEmpty ? node.outputs.first ?? node.opType : node.name)
            copy.inputs = node.inputs.map(renamed)
            copy.outputs = node.outputs.map(renamed)
            copy.attributes = node.attributes.compactMapValues { attribute in
                guard case .reference(let name) = attribute else { return attribute }
                return call.attributes[name] ?? attributeDefaults[name]
            }
            if copy.metadata.isEmpty { copy.metadata = call.metadata }
            return copy
        }
    }
}
