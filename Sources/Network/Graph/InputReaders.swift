import ONNX

/// What first reads a file's input, and as what: the input is followed through what only moves, scales or clips
/// numbers.
struct InputReaders {
    /// What an operator with a window takes each axis of the input for.
    struct Reading {
        /// The node's name.
        let node: String
        /// Extents of a window: 1 for a signal, 2 for a photo, 3 for a video or a volume; 0: a recurrent layer.
        let spatialAxes: Int
        /// The input's axis that stands at each of the operand's axes ([batch, channels, height, width]); nil where one
        /// was put in. nil where the way cannot be followed.
        let axes: [Int?]?
        /// The channels that the weights are for; nil for a pooling.
        let channels: Int?
    }

    private(set) var readings: [Reading] = []
    private let ranks: [String: Int]
    private let channels: [String: Extent]
    private let constants: [String: [Int]]

    /// - Parameter extents: of the input's axes; nil where open.
    init(_ graph: GraphDef, functions: [FunctionDef], input: String, extents: [Int?]) {
        let nodes = Self.inlined(graph.nodes, functions)
        var (ranks, channels, constants): ([String: Int], [String: Extent], [String: [Int]]) = ([:], [:], [:])
        func note(_ tensor: TensorDef, _ name: String) {
            ranks[name] = tensor.dims.count
            if tensor.dims.count > 2 { channels[name] = Extent(tensor.dims[1]) }
            if tensor.count <= 8, let values = try? tensor.integers() {
                constants[name] = values.map { Int(clamping: $0) }
            }
        }
        for tensor in graph.initializers { note(tensor, tensor.name) }
        for node in nodes {
            guard let output = node.outputs.first else { continue }
            switch (node.opType, node.attributes["value"], node.attributes["value_ints"]) {
            case ("Constant", .tensor(let tensor)?, _): note(tensor, output)
            case ("Constant", _, .ints(let values)?): constants[output] = values.map { Int(clamping: $0) }
            // Weights that are stored in another type.
            case ("Cast", _, _), ("DequantizeLinear", _, _), ("Identity", _, _), ("QuantizeLinear", _, _):
                guard let source = node.inputs.first, let rank = ranks[source] else { continue }
                (ranks[output], channels[output]) = (rank, channels[source])
            default: continue
            }
        }
        (self.ranks, self.channels, self.constants) = (ranks, channels, constants)
        follow(nodes, from: input, extents)
    }

    /// The nodes of functions in the place of their calls; deeper ones, or more than there can be in a network, stay
    /// calls.
    private static func inlined(_ nodes: [NodeDef], _ functions: [FunctionDef]) -> [NodeDef] {
        guard !functions.isEmpty else { return nodes }
        let table = Importer.table(functions)
        var result: [NodeDef] = [], left = 1 << 16
        func add(_ nodes: [NodeDef], _ depth: Int) {
            for node in nodes {
                left -= 1
                if depth < 8, left > 0,
                    let function = table[Importer.key(node.domain, node.opType, node.overload)]
                {
                    add(function.inlined(at: node, depth: depth), depth + 1)
                } else {
                    result.append(node)
                }
            }
        }
        add(nodes, 0)
        return result
    }

    private mutating func follow(_ nodes: [NodeDef], from input: String, _ extents: [Int?]) {
        var consumers: [String: [Int]] = [:]
        for (place, node) in nodes.enumerated() {
            for name in Set(node.inputs) { consumers[name, default: []].append(place) }
        }
        var waiting: [(name: String, axes: [Int?]?)] = [(input, Array(extents.indices))], seen = Set<String>()
        while let (name, axes) = waiting.first {
            waiting.removeFirst()
            guard seen.insert(name).inserted, seen.count < 256 else { continue }
            for place in consumers[name] ?? [] {
                let node = nodes[place]
                if let reading = reading(node, of: name, axes) {
                    readings.append(reading)
                } else if let after = moved(node, name, axes, extents) {
                    for output in node.outputs { waiting.append((output, after)) }
                }
            }
        }
    }

    private func reading(_ node: NodeDef, of name: String, _ axes: [Int?]?) -> Reading? {
        switch node.opType {
        case "Conv", "ConvInteger", "QLinearConv", "ConvTranspose", "FusedConv":
            guard node.inputs.first == name else { return nil }
            let weights = node.inputs.dropFirst(node.opType == "QLinearConv" ? 3 : 1).first ?? ""
            guard let rank = ranks[weights], rank > 2 else { return nil }
            let groups: Extent = if case .int(let count)? = node.attributes["group"] { Extent(count) } else { 1 }
            return Reading(
                node: node.name, spatialAxes: rank - 2, axes: axes?.count == rank ? axes : nil,
                channels: node.opType == "ConvTranspose"
                    ? nil : channels[weights].flatMap { try? ($0 * max(groups, 1)).value })
        case "AveragePool", "LpPool", "MaxPool":
            guard case .ints(let kernel)? = node.attributes["kernel_shape"], !kernel.isEmpty else { return nil }
            return Reading(
                node: node.name, spatialAxes: kernel.count, axes: axes?.count == kernel.count + 2 ? axes : nil,
                channels: nil)
        case "GRU", "LSTM", "RNN":
            return Reading(node: node.name, spatialAxes: 0, axes: nil, channels: nil)
        default: return nil
        }
    }

    /// The input's axes after a node that moves, scales or clips numbers; .some(nil) where that cannot be told; nil
    /// after any other.
    private func moved(_ node: NodeDef, _ name: String, _ axes: [Int?]?, _ extents: [Int?]) -> [Int?]?? {
        func listed(_ attribute: String) -> [Int]? {
            if case .ints(let values)? = node.attributes[attribute] { return values.map { Int(clamping: $0) } }
            return node.inputs.count > 1 ? constants[node.inputs[1]] : nil
        }
        switch node.opType {
        case "Add", "BatchNormalization", "Cast", "Clip", "Concat", "DequantizeLinear", "Div", "Dropout",
            "DynamicQuantizeLinear", "Expand", "Identity", "Max",
            "Min", "Mul", "Neg", "Pad", "Pow", "QuantizeLinear", "Relu", "Resize", "Slice", "Split", "Sqrt", "Sub",
            "Tile", "Upsample":
            return .some(axes)
        case "Transpose":
            guard let axes else { return .some(nil) }
            let order = listed("perm") ?? Array(axes.indices.reversed())
            return .some(
                order.count == axes.count && order.allSatisfy(axes.indices.contains) ? order.map { axes[$0] } : nil)
        case "Unsqueeze":
            guard let axes, let stated = listed("axes") else { return .some(nil) }
            let rank = axes.count + stated.count, added = Set(stated.map { $0 < 0 ? $0 + rank : $0 })
            guard added.count == stated.count, added.allSatisfy((0..<rank).contains) else { return .some(nil) }
            var rest = axes.makeIterator()
            return .some((0..<rank).map { added.contains($0) ? nil : rest.next()! })
        case "Squeeze":
            guard let axes, let stated = listed("axes") else { return .some(nil) }
            let gone = Set(stated.map { $0 < 0 ? $0 + axes.count : $0 })
            return .some(axes.indices.filter { !gone.contains($0) }.map { axes[$0] })
        case "Reshape":
            guard let axes, let target = listed("shape") else { return .some(nil) }
            return .some(Self.reshaped(axes, extents, to: target))
        default: return nil
        }
    }

    /// Axes of more than one element keep their order where a Reshape only puts in or takes away axes of one.
    private static func reshaped(_ axes: [Int?], _ extents: [Int?], to target: [Int]) -> [Int?]? {
        var rest = axes.compactMap { $0 }.filter { extents[$0] != 1 }
        let open = target.indices.filter { target[$0] != 1 }
        guard
            rest.count == open.count
                || rest.count + 1 == open.count && axes.contains(where: { $0.map { extents[$0] == 1 } ?? false })
        else { return nil }
        // A batch of one may stand where the file says -1 or 0.
        if rest.count < open.count { rest.insert(axes.compactMap { $0 }.first { extents[$0] == 1 }!, at: 0) }
        var result = [Int?](repeating: nil, count: target.count)
        for (place, axis) in zip(open, rest) {
            if target[place] > 0, let extent = extents[axis], extent != target[place] { return nil }
            result[place] = axis
        }
        return result
    }
}
