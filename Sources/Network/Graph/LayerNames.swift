extension Graph {
    /// What a person writes to mean each layer, by its value: the module path where that stands for no other node, else
    /// the node's name, else the tensor's; `layer(named:)` gives the layer back.
    public var layerNames: [ValueID: String] {
        let tree = ModuleTree(self)
        var named: [String: Int] = [:]
        for (index, node) in nodes.enumerated() where named[node.name] == nil { named[node.name] = index }
        var names: [ValueID: String] = [:]
        for layer in layers {
            func means(_ index: Int?) -> Bool { index.flatMap(self.layer(ofNode:))?.value == layer.value }
            names[layer.value] =
                if !layer.path.isEmpty, means(tree.last[layer.path[...]]), named[layer.path] == nil {
                    layer.path
                } else if !layer.name.isEmpty, means(named[layer.name]) { layer.name } else { values[layer.value].name }
        }
        return names
    }
}
