extension Graph {
    /// What a person writes to mean each layer, by its value: the module path where that stands for no other node, else the
    /// node's name, else the tensor's; `layer(named:)` gives the layer back.
    public var layerNames: [ValueID: String] {
        // A module's name stands for the last node inside it.
        var last: [Substring: Int] = [:]
        var named: [String: Int] = [:]
        for (index, node) in nodes.enumerated() {
            for end in node.path.indices where node.path[end] == "." { last[node.path[..<end]] = index }
            last[node.path[...]] = index
            if named[node.name] == nil { named[node.name] = index }
        }
        var names: [ValueID: String] = [:]
        for layer in layers {
            guard let index = values[layer.value].producer else { continue }
            names[layer.value] =
                if !layer.path.isEmpty, last[layer.path[...]] == index, named[layer.path] == nil { layer.path }
                else if !layer.name.isEmpty, named[layer.name] == index { layer.name }
                else { values[layer.value].name }
        }
        return names
    }
}
