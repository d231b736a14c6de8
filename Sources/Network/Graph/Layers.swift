import Platform

/// A place in a network where a map over the photo can be made.
public struct Layer: Sendable, Hashable {
    /// What a map is made of.
    public let value: ValueID
    /// The node's name in the file.
    public let name: String
    /// The module path as a PyTorch user writes it; empty where the file does not tell.
    public let path: String
    /// ONNX's name of the operator.
    public let opType: String
    /// The value's extents, of one image.
    public let channels, height, width: Int
    /// Pixels of the network's input from one element of the map to the next.
    public let strideY, strideX: Double
    /// What a person who named it should know: its values are not quite those that the name stands for.
    public var remark: String?
}

extension Graph {
    /// Every node that gives a map over the photo, in the order in which they run.
    /// (Of signals, whose windows are rewritten into those of pictures, the file's own alone.)
    public var layers: [Layer] {
        nodes.indices.compactMap {
            realNode(of: $0) == nil && !(image.isSignal && nodes[$0].isInner) ? layer(ofNode: $0) : nil
        }
    }

    /// The layer that a person names: a node's or a tensor's own name, or a module path (`layer4[-1]`,
    /// `model.layer4[-1]`, `features.28`, `top_activation`), which stands for the last thing computed inside that
    /// module. Of both an end is enough, if it is the end of one alone.
    ///
    /// - Throws: `unknownLayer`, `ambiguousLayer`, `layerWithoutMap`.
    public func layer(named text: String) throws(NetworkError) -> Layer {
        let tree = ModuleTree(self)
        let found: ModuleTree.Finding
        if let node = nodes.firstIndex(where: { $0.name == text }) {
            found = .init(node: node, isConvolutionAlone: nodes[node].norm != nil)
        } else if let node = values.first(where: { $0.name == text })?.producer {
            found = .init(node: node, isConvolutionAlone: nodes[node].norm.map { $0.norm == nil } ?? false)
        } else if let named = try tree.find(text) {
            found = named
        } else {
            throw .unknownLayer(text, nearest: tree.nearest(to: text))
        }
        guard var layer = layer(ofNode: found.node) else {
            throw .layerWithoutMap(text, values[nodes[found.node].outputs[0]].shape)
        }
        if found.isConvolutionAlone, let folded = nodes[found.node].norm {
            let norm = folded.norm.map { "the batch norm '\($0.elided())'" } ?? "a batch norm"
            layer.remark =
                "'\(text.elided())' is a convolution into which \(norm) was folded at export: the layer holds the "
                + "values after the norm, those before it are not in the file (export without that optimisation to "
                + "explain them)"
        }
        return layer
    }

    func layer(ofNode index: Int) -> Layer? {
        guard let place = place(ofNode: index) else { return nil }
        let (value, form, node) = (place.value, place.form, nodes[place.node])
        // Real numbers are called by what computed the whole ones; a quantisation has no name that people know.
        let source =
            (node.op as? Quantize)?.range == nil && node.op is Quantize
            ? node.operands[0]?.value.flatMap { values[$0].producer } : nil
        let origin = source.map { nodes[$0] }.flatMap { $0.op is Quantize ? nil : $0 } ?? node
        return Layer(
            value: value, name: origin.name, path: origin.path,
            opType: rewritten(origin)?.opType ?? origin.opType, channels: place.channels,
            height: form.height, width: form.width, strideY: Double(inputShape[2]) / Double(form.height),
            strideX: Double(inputShape[3]) / Double(form.width))
    }

    /// The node of a picture's window that a signal's was rewritten into, of which it is a view; nil for every other.
    private func rewritten(_ node: Node) -> Node? {
        guard image.isSignal, node.op.isView, !node.isInner,
            let inner = node.operands[0]?.value.flatMap({ values[$0].producer }).map({ nodes[$0] }),
            inner.isInner, inner.name.hasPrefix(node.name + "_")
        else { return nil }
        return inner
    }

    /// The file's own value that an inner one of a signal's network is another view of; itself where there is none.
    func outer(_ value: ValueID) -> ValueID {
        guard image.isSignal, let producer = values[value].producer, nodes[producer].isInner,
            let reader = consumers[value].first(where: { rewritten(nodes[$0])?.name == nodes[producer].name })
        else { return value }
        return nodes[reader].outputs[0]
    }

    /// A layer's map, without its names.
    struct MapPlace {
        let node: Int
        let value: ValueID
        let form: SpatialLayout
        let channels: Int
    }

    func place(ofNode index: Int) -> MapPlace? {
        let index = realNode(of: index) ?? index
        guard let value = nodes[index].outputs.first, let form = maps[value],
            let channels = form.channelAxis(in: values[value].shape)
        else { return nil }
        return MapPlace(node: index, value: value, form: form, channels: values[value].shape[channels])
    }

    func layer(of value: ValueID) -> Layer? { values[value].producer.flatMap(layer(ofNode:)) }

    /// The node that gives the real numbers for which a node's whole numbers with a zero point stand; nil where its
    /// numbers are real.
    private func realNode(of index: Int) -> Int? {
        guard let value = nodes[index].outputs.first else { return nil }
        if let reader = consumers[value].first(where: { (nodes[$0].op as? Quantize).map { $0.range == nil } ?? false })
        {
            return reader
        }
        guard let op = nodes[index].op as? Quantize, op.range != nil else { return nil }
        return nodes[index].operands[0]?.value.flatMap { values[$0].producer }
    }
}
