import ONNX

extension Graph {
    /// Reads a network for one image size.
    ///
    /// - Parameters:
    ///   - model: the parsed file.
    ///   - width, height: the size of the image in pixels where the file leaves it open; a size that the file fixes wins.
    /// - Throws: `NetworkError` naming the node that cannot be run, and why.
    public init(_ model: Model, width: Int, height: Int) throws(NetworkError) {
        var importer = Importer(opset: Int(clamping: model.opsets[""] ?? model.opsets["ai.onnx"] ?? 1))
        try importer.addInitializers(model.graph)
        let input = try importer.addInput(model.graph, width: width, height: height)
        for (index, node) in model.graph.nodes.enumerated() { try importer.add(node, index: index) }
        let logits = try importer.scores(model.graph)
        self.init(values: importer.values, nodes: importer.nodes, input: input, logits: logits)
    }

    /// The image size that a file fixes, or nil where it leaves it open.
    public static func fixedInputSize(_ model: Model) -> (width: Int, height: Int)? {
        let weights = Set(model.graph.initializers.map(\.name))
        for input in model.graph.inputs where !weights.contains(input.name) {
            if let dims = input.shape, dims.count == 4, case .fixed(let height) = dims[2], case .fixed(let width) = dims[3] {
                return (width, height)
            }
        }
        return nil
    }
}

/// Builds a graph node by node.
struct Importer {
    let opset: Int
    var values: [Graph.Value] = []
    var nodes: [Graph.Node] = []
    /// Every tensor known so far, by its name in the file.
    var tensors: [String: Operand] = [:]
    /// The element types that the file states, where an operator has to know them.
    var types: [String: ElementType] = [:]

    init(opset: Int) { self.opset = opset }

    mutating func addInitializers(_ graph: GraphDef) throws(NetworkError) {
        for tensor in graph.initializers {
            do throws(ONNXError) { tensors[tensor.name] = try Operand(tensor) } catch { throw .file(error) }
            types[tensor.name] = tensor.elementType
        }
    }

    mutating func addInput(_ graph: GraphDef, width: Int, height: Int) throws(NetworkError) -> ValueID {
        let inputs = graph.inputs.filter { tensors[$0.name] == nil }
        guard let input = inputs.first(where: { $0.shape?.count == 4 }) ?? inputs.first else {
            throw .noImageInput("the file has no input")
        }
        guard inputs.count == 1 else {
            throw .noImageInput("the file has \(inputs.count) inputs (\(inputs.map(\.name).joined(separator: ", ")))")
        }
        guard let dims = input.shape, dims.count == 4 else {
            throw .noImageInput("input '\(input.name)' is not of four dimensions")
        }
        if let type = input.elementType, type != .float32 {
            throw .noImageInput("input '\(input.name)' holds \(type), not float32")
        }
        let asked = [1, 3, height, width]
        let shape = Shape(zip(dims, asked).enumerated().map { axis, pair in
            if axis > 0, case .fixed(let extent) = pair.0, extent > 0 { extent } else { pair.1 }
        })
        guard shape.isUsable else { throw .noImageInput("input '\(input.name)' has shape \(shape), which is too large") }
        guard [1, 3].contains(shape[1]) else {
            throw .noImageInput("input '\(input.name)' has shape \(shape), where 1 or 3 channels are expected second")
        }
        return define(input.name, shape, producer: nil)
    }

    mutating func define(_ name: String, _ shape: Shape, producer: Int?) -> ValueID {
        values.append(.init(name: name, shape: shape, producer: producer))
        tensors[name] = .value(values.count - 1, shape)
        return values.count - 1
    }

    mutating func add(_ node: NodeDef, index: Int) throws(NetworkError) {
        let name = node.name.isEmpty ? "\(node.opType)_\(index)" : node.name
        var operands: [Operand?] = []
        for input in node.inputs {
            guard !input.isEmpty else { operands.append(nil); continue }
            guard let operand = tensors[input] else { throw .unresolvedInput(node: name, tensor: input) }
            operands.append(operand)
        }
        var named = node
        named.name = name
        var reader = NodeReader(node: named, opset: opset, operands: operands, types: node.inputs.map { types[$0] })
        if let type = reader.statedType { for output in node.outputs { types[output] = type } }
        let body: [NodeDef]?
        do throws(OperatorFault) {
            if let folded = try Fold.evaluate(reader) {
                for (output, constant) in zip(node.outputs, folded) { tensors[output] = constant }
                return
            }
            body = ["", "ai.onnx"].contains(node.domain) ? try Lowering.rewrite(reader) : nil
        } catch {
            throw .node(name: name, operator: node.opType, opset: opset, reason: error.reason)
        }
        if let body {
            for part in body { try add(part, index: index) }
            return
        }
        do throws(OperatorFault) {
            let givesIntegers = try reader.readIntegersAsFloats()
            guard let type = Registry.operators[node.opType], ["", "ai.onnx"].contains(node.domain) else { throw .unsupported }
            let op = try type.init(reader)
            let sources = reader.operands.map(Graph.Source.init)
            if sources.allSatisfy({ $0?.value == nil }) {
                for shape in op.outputShapes { _ = try Fold.checked(shape) }
                let constants = Fold.run(op, sources).map { givesIntegers ? $0.asIntegers : $0 }
                for (output, constant) in zip(node.outputs, constants) { tensors[output] = constant }
                return
            }
            if let shape = op.outputShapes.first(where: { !$0.isUsable }) {
                throw .shape("its output would be of shape \(shape), which cannot be computed; if the network was exported for another input size, give that one (--input-size)")
            }
            let outputs = zip(node.outputs, op.outputShapes).map { define($0, $1, producer: nodes.count) }
            nodes.append(.init(
                name: name, opType: node.opType, path: ModulePath(node).text, op: op, operands: sources, outputs: outputs))
        } catch {
            throw .node(name: name, operator: node.opType, opset: opset, reason: error.reason)
        }
    }

    /// The class scores: the first output of the form [1, classes] (or [1, classes, 1, 1]), before a closing activation.
    func scores(_ graph: GraphDef) throws(NetworkError) -> ValueID {
        let outputs = graph.outputs.compactMap { output -> ValueID? in
            if case .value(let id, let shape)? = tensors[output.name], shape.rank >= 1, shape.count == shape.dims.max() { id } else { nil }
        }
        guard let scores = outputs.first else {
            let found = graph.outputs.map { "\($0.name) \(tensors[$0.name].map { "\($0.shape)" } ?? "missing")" }
            throw .noScores("the outputs are " + found.joined(separator: ", "))
        }
        // Behind the activation there may stand reshapes; they are looked through only to find one.
        var value = scores
        while let producer = values[value].producer, case .value(let before)? = nodes[producer].operands.first ?? nil {
            if Self.closingActivations.contains(nodes[producer].opType) { return before }
            guard nodes[producer].op.isView else { break }
            value = before
        }
        return scores
    }

    static let closingActivations: Set = ["Softmax", "LogSoftmax", "Sigmoid"]
}

extension Operand {
    init(_ tensor: TensorDef) throws(ONNXError) {
        let shape = Shape(tensor.dims)
        switch tensor.elementType {
        case .float32, .float64, .float16, .bfloat16: self = .floats(shape, try FloatStorage(tensor))
        default: self = .integers(shape, try tensor.integers())
        }
    }
}

extension Graph.Source {
    init?(_ operand: Operand?) {
        switch operand {
        case .value(let id, _): self = .value(id)
        case .floats(let shape, let storage): self = .constant(shape, storage)
        case .integers, nil: return nil
        }
    }
}
