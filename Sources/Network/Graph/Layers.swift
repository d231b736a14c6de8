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

    func layer(ofNode index: Int) -> Layer? {
        let node = nodes[index]
        guard let value = node.outputs.first, let form = maps[value], let channels = form.channelAxis(in: values[value].shape) else { return nil }
        return Layer(
            value: value, name: node.name, path: node.path, opType: node.opType, channels: values[value].shape[channels],
            height: form.height, width: form.width, strideY: Double(inputShape[2]) / Double(form.height),
            strideX: Double(inputShape[3]) / Double(form.width))
    }

    func layer(of value: ValueID) -> Layer? { values[value].producer.flatMap(layer(ofNode:)) }
}
