/// A place in a network where a map over the photo can be made.
public struct Layer: Sendable, Hashable {
    public let value: ValueID
    /// The node's name in the file.
    public let name: String
    /// The module path as a PyTorch user writes it; empty where the file does not tell.
    public let path: String
    public let opType: String
    public let channels, height, width: Int
    /// Pixels of the network's input from one element of the map to the next.
    public let strideY, strideX: Double
}

extension Graph {
    /// Every node that gives a map over the photo, in the order in which they run.
    public var layers: [Layer] { nodes.indices.compactMap { layer(ofNode: $0) } }

    /// The layer that a method explains when none is named: the last spatial feature map before pooling or the head.
    public var defaultLayer: Layer? {
        let onPath = leading(to: logits)
        guard var value = values.indices.last(where: { onPath.contains($0) && isMap($0) && $0 != input }) else { return nil }
        value = beforePooling(value)
        // A head made of a convolution with one channel a class: the features are what it reads.
        if values[value].shape[1] == classes, !weightsBehind(value), let conv = closestConvolution(before: value),
            let features = nodes[conv].operands[0]?.value, isMap(features), features != input
        {
            value = beforePooling(features)
        }
        return values[value].producer.flatMap(layer(ofNode:))
    }

    /// The layer that a person names: a node's or a tensor's own name, or a module path (`layer4[-1]`, `model.layer4[-1]`,
    /// `features.28`), which stands for the last thing computed inside that module.
    public func layer(named text: String) throws(NetworkError) -> Layer {
        let exact = nodes.firstIndex { $0.name == text } ?? values.first { $0.name == text }?.producer
        guard let node = exact ?? ModuleTree(self).lastNode(of: text) else {
            throw .unknownLayer(text, nearest: ModuleTree(self).nearest(to: text))
        }
        guard let layer = layer(ofNode: node) else { throw .layerWithoutMap(text, values[nodes[node].outputs[0]].shape) }
        return layer
    }

    private func layer(ofNode index: Int) -> Layer? {
        let node = nodes[index]
        guard let value = node.outputs.first, values[value].shape.isSpatial else { return nil }
        let shape = values[value].shape
        return Layer(
            value: value, name: node.name, path: node.path, opType: node.opType, channels: shape[1], height: shape[2],
            width: shape[3], strideY: Double(inputShape[2]) / Double(shape[2]), strideX: Double(inputShape[3]) / Double(shape[3]))
    }

    private func isMap(_ value: ValueID) -> Bool { values[value].shape.isSpatial && values[value].shape[2] * values[value].shape[3] > 1 }

    /// Goes back over nodes that only pool or pass on what they read.
    private func beforePooling(_ value: ValueID) -> ValueID {
        var value = value
        while let producer = values[value].producer, nodes[producer].op.isView || nodes[producer].opType == "AveragePool",
            let before = nodes[producer].operands[0]?.value, isMap(before), before != input
        { value = before }
        return value
    }

    /// Whether something with weights stands between a value and the scores.
    private func weightsBehind(_ value: ValueID) -> Bool {
        let behind = reached(from: [value]).intersection(leading(to: logits)).subtracting([value])
        return nodes.contains { !behind.isDisjoint(with: $0.outputs) && ["Conv", "Gemm", "MatMul"].contains($0.opType) }
    }

    private func closestConvolution(before value: ValueID) -> Int? {
        var value = value
        while let producer = values[value].producer {
            if nodes[producer].opType == "Conv" { return producer }
            guard let before = nodes[producer].operands.first??.value else { return nil }
            value = before
        }
        return nil
    }
}
