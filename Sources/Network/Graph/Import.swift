import ONNX

extension Graph {
    /// Reads a network for one image size.
    ///
    /// - Parameters:
    ///   - model: the parsed file.
    ///   - width, height: the size of the image in pixels where the file leaves it open; a size that the file fixes wins.
    ///   - output: the output that holds the class scores; nil: see `OutputChoice`.
    ///   - labels: how many classes have labels; nil: nobody tells. With one or two, a single output is a class's.
    /// - Throws: `NetworkError` naming the node that cannot be run, and why; `.several` where there are more than one.
    public init(_ model: Model, width: Int, height: Int, output: String? = nil, labels: Int? = nil) throws(NetworkError) {
        let image = try ImageInput(model.graph, functions: model.functions)
        var importer = Importer(model, batch: max(image.batch ?? 1, 1))
        importer.addInitializers(model.graph)
        let input = importer.addInput(image, width: width, height: height)
        importer.add(model.graph.nodes, opset: importer.opset, results: Set(model.graph.outputs.map(\.name)))
        let batch = importer.batch > 1 ? Importer(model, whole: image, width: width, height: height, images: importer.batch) : nil
        let scores: Scores
        do throws(NetworkError) { scores = try importer.scores(model.graph, named: output, labels: labels) } catch { throw importer.refined(error, model.graph, named: output, batch) }
        self.init(values: importer.values, nodes: importer.nodes, input: input, scores: scores, image: image)
        if let batch { try refuseMixedBatch(model.graph, one: importer, all: batch, output: output) }
        if let node = joinedPictures { throw .joinedPictures(node: node) }
    }

    /// The image size that a file fixes, or nil where it leaves it open.
    public static func fixedInputSize(_ model: Model) -> (width: Int, height: Int)? {
        guard let image = try? ImageInput(model.graph, functions: model.functions), let width = image.width, let height = image.height else { return nil }
        return (width, height)
    }
}

/// Turns a file's nodes into a graph's, one after another; goes on behind a node that cannot be run, to find all of them.
struct Importer {
    let opset: Int
    /// The number of images that shapes in the file are written for.
    let batch: Int
    private let functions: [String: FunctionDef]
    private(set) var values: [Graph.Value] = []
    var nodes: [Graph.Node] = []
    private(set) var faults: [NetworkError] = []
    /// Every tensor known so far, by its name in the file.
    var tensors: [String: Operand] = [:]
    /// The element types that the file states, where an operator has to know them.
    var types: [String: ElementType] = [:]
    /// The tensors of every sequence known so far.
    var sequences: [String: [String]] = [:]
    /// Tensors behind a node that cannot be run.
    private(set) var lost: Set<String> = []

    /// - Parameter batch: the number of images that the file's shapes are written for.
    init(_ model: Model, batch: Int = 1) {
        opset = Int(clamping: model.opsets[""] ?? model.opsets["ai.onnx"] ?? 1)
        self.batch = batch
        functions = Dictionary(model.functions.map { (Self.key($0.domain, $0.name, $0.overload), $0) }) { first, _ in first }
    }

    private static func key(_ domain: String, _ name: String, _ overload: String) -> String { [domain, name, overload].joined(separator: "\0") }

    /// A tensor that cannot be read is a fault only of a file that needs it.
    mutating func addInitializers(_ graph: GraphDef) {
        for tensor in graph.initializers {
            types[tensor.name] = tensor.elementType
            do throws(ONNXError) {
                // Labels, which stand behind the scores.
                if tensor.elementType == .string { lose([tensor.name]) } else { tensors[tensor.name] = try Operand(tensor) }
            } catch {
                faults.append(.file(error))
                lose([tensor.name])
            }
        }
    }

    /// The photo as [1, channels, height, width]; the file reads it through a transposition where it wants another order.
    mutating func addInput(_ image: ImageInput, width: Int, height: Int, images: Int = 1) -> ValueID {
        let size = (channels: image.channels ?? 3, height: image.height ?? height, width: image.width ?? width)
        let input = define(image.name, Shape([images, size.channels, size.height, size.width]), producer: nil)
        var inner = image.name
        if image.axes == .channelsLast {
            inner = "\0channels last"
            add(NodeDef(name: "channels last", opType: "Transpose", inputs: [image.name], outputs: [inner], attributes: ["perm": .ints([0, 2, 3, 1])]), opset: 13)
        }
        if image.axes == .noChannels || !image.hasBatch {
            let axes: [Int64] = (image.hasBatch ? [] : [0]) + (image.axes == .noChannels ? [1] : [])
            add(NodeDef(name: "as the file has it", opType: "Squeeze", inputs: [inner], outputs: ["\0image"], attributes: ["axes": .ints(axes)]), opset: 11)
            inner = "\0image"
        }
        tensors[image.name] = tensors[inner]
        return input
    }

    mutating func define(_ name: String, _ shape: Shape, producer: Int?) -> ValueID {
        values.append(.init(name: name, shape: shape, producer: producer))
        tensors[name] = .value(values.count - 1, shape)
        return values.count - 1
    }

    /// Adds nodes, in whatever order they stand.
    ///
    /// - Parameter results: what of the nodes' outputs is read elsewhere; nil: all. Other outputs that nothing reads are left out, as masks
    ///   and statistics for training are.
    mutating func add(_ nodes: [NodeDef], opset: Int, depth: Int = 0, results: Set<String>? = nil) {
        let read = results.map { nodes.reduce(into: $0) { $0.formUnion($1.reads) } }
        let order = NodeOrder(nodes) { tensors[$0] != nil || lost.contains($0) }
        for cycle in order.cycles {
            faults.append(.cycle(nodes: cycle.map { Self.name(nodes[$0], $0) }))
            for index in cycle { lose(nodes[index].outputs) }
        }
        for index in order.places {
            var node = nodes[index]
            if let read { for output in node.outputs.indices.dropFirst() where !read.contains(node.outputs[output]) { node.outputs[output] = "" } }
            node.name = Self.name(node, index)
            add(node, opset: opset, depth: depth)
        }
    }

    private static func name(_ node: NodeDef, _ index: Int) -> String { node.name.isEmpty ? "\(node.opType)_\(index)" : node.name }

    mutating func add(_ node: NodeDef, opset: Int, depth: Int = 0) {
        do throws(NetworkError) {
            for case .unreadable(let error) in node.attributes.values { throw fault(.onnx(error), node, opset) }
            guard !node.inputs.contains(where: lost.contains) else {
                // What stands behind a fault can be judged by its name alone.
                if !Self.knows(node), functions[Self.key(node.domain, node.opType, node.overload)] == nil { faults.append(fault(.unsupported, node, opset)) }
                return lose(node.outputs)
            }
            if let function = functions[Self.key(node.domain, node.opType, node.overload)] {
                guard depth < 64 else { throw fault(.shape("functions call one another without end: the file is damaged"), node, opset) }
                add(
                    function.inlined(at: node), opset: Int(clamping: function.opsets[""] ?? Int64(opset)), depth: depth + 1,
                    results: Set(node.outputs))
            } else if node.qualifiedType == "If" {
                try addBranch(node, opset: opset, depth: depth)
            } else if Self.sequenceOperators.contains(node.qualifiedType) {
                let nodes: [NodeDef]
                do throws(OperatorFault) { nodes = try unpacked(node) } catch { throw fault(error, node, opset) }
                add(nodes, opset: 13, depth: depth)
            } else {
                try addOperator(node, opset: opset)
            }
        } catch {
            faults.append(error)
            lose(node.outputs)
        }
    }

    private mutating func lose(_ outputs: [String]) { lost.formUnion(outputs.filter { !$0.isEmpty }) }

    private func fault(_ fault: OperatorFault, _ node: NodeDef, _ opset: Int) -> NetworkError {
        let reason = if case .unsupported = fault { UnsupportedOperator.advice(node.qualifiedType) } else { fault.reason }
        return .node(name: node.name, operator: node.qualifiedType, opset: opset, reason: reason)
    }

    private static func knows(_ node: NodeDef) -> Bool {
        Registry.knows(node.qualifiedType)
    }

    /// The branch that a condition known beforehand takes.
    private mutating func addBranch(_ node: NodeDef, opset: Int, depth: Int) throws(NetworkError) {
        guard depth < 64, let condition = node.inputs.first, case .integers(_, let values)? = tensors[condition], let taken = values.first else {
            throw fault(.shape("its condition is computed at run time, but only a constant is supported there; export with constant folding and a fixed input size"), node, opset)
        }
        guard case .graph(let branch)? = node.attributes[taken != 0 ? "then_branch" : "else_branch"], branch.outputs.count >= node.outputs.count else {
            throw fault(.shape("a branch is missing: the file is damaged; export it again"), node, opset)
        }
        addInitializers(branch)
        add(branch.nodes, opset: opset, depth: depth + 1, results: Set(branch.outputs.map(\.name)))
        for (output, inner) in zip(node.outputs, branch.outputs) {
            if let tensor = tensors[inner.name] { tensors[output] = tensor } else { lost.insert(output) }
        }
    }

    private mutating func addOperator(_ node: NodeDef, opset: Int) throws(NetworkError) {
        var operands: [Operand?] = []
        for input in node.inputs {
            guard !input.isEmpty else { operands.append(nil); continue }
            guard let operand = tensors[input] else { throw .unresolvedInput(node: node.name, tensor: input) }
            operands.append(operand)
        }
        let body: [NodeDef]?
        do throws(OperatorFault) {
            var reader = NodeReader(
                node: node, opset: opset, operands: ofOneImage(operands, node), types: node.inputs.map { types[$0] }, batch: batch)
            if let type = reader.statedType { for output in node.outputs { types[output] = type } }
            if node.domain.isEmpty, let folded = try Fold.evaluate(reader) {
                for (output, constant) in zip(node.outputs, folded) { tensors[output] = constant }
                return
            }
            body = try Lowering.rewrite(reader)
            if body == nil {
                guard node.domain.isEmpty else { throw .unsupported }
                try addNode(node, &reader)
            }
        } catch {
            throw fault(error, node, opset)
        }
        if let body { add(body, opset: opset) }
    }

    private mutating func addNode(_ node: NodeDef, _ reader: inout NodeReader) throws(OperatorFault) {
        let integers = try reader.readIntegersAsFloats()
        guard let type = Registry.operators[node.opType] else { throw .unsupported }
        let op = try type.init(reader)
        let sources = reader.operands.map(Graph.Source.init)
        if let shape = op.outputShapes.first(where: { !$0.isUsable }) {
            throw .shape("its output would be of shape \(shape), which cannot be computed; if the network was exported for another input size, give that one (--input-size)")
        }
        if sources.allSatisfy({ $0?.value == nil }) {
            for shape in op.outputShapes { _ = try Fold.checked(shape) }
            for (index, constant) in Fold.run(op, sources).enumerated() where index < node.outputs.count {
                tensors[node.outputs[index]] = try integers.read(index, constant)
            }
        } else if let source = undone(op, sources) {
            tensors[node.outputs[0]] = .value(source, values[source].shape)
        } else {
            let outputs = zip(node.outputs, op.outputShapes).map { define($0, $1, producer: nodes.count) }
            for (output, type) in zip(node.outputs, reader.resultTypes) { types[output] = type }
            nodes.append(.init(
                name: node.name, opType: node.opType, path: ModulePath(node).text, op: op, operands: sources, outputs: outputs,
                norm: FoldedNorm(node), merges: node.metadata[FoldedNorm.rules] ?? ""))
        }
    }

    /// Operands that are combined with a value of one image: of constants with a row an image, the first.
    private func ofOneImage(_ operands: [Operand?], _ node: NodeDef) -> [Operand?] {
        guard batch > 1, ["Add", "Sub", "Mul", "Div", "Concat"].contains(node.opType),
            let rank = operands.lazy.compactMap({ $0 }).first(where: { !$0.isConstant && $0.shape.dims.first == 1 })?.shape.rank
        else { return operands }
        return operands.map { $0.map { $0.isConstant && $0.shape.rank == rank && $0.shape[0] == batch ? $0.firstImage : $0 } }
    }

    /// The value that two transpositions in a row give back, or that whole numbers were made of before: they stand for the same real numbers.
    private func undone(_ op: any Operator, _ sources: [Graph.Source?]) -> ValueID? {
        if let dequantize = op as? Quantize, dequantize.range == nil, let numbers = sources[0]?.value {
            if let known = nodes.last(where: { $0.operands[0]?.value == numbers && dequantize.isSame(as: $0.op) }) { return known.outputs[0] }
            guard let rounding = values[numbers].producer.map({ nodes[$0] }), (rounding.op as? Quantize)?.range != nil,
                let real = rounding.operands[0]?.value, let source = values[real].producer, dequantize.isSame(as: nodes[source].op)
            else { return nil }
            return dequantize.hasSameScale(as: rounding.op) ? real : nil
        }
        guard let second = op as? Transpose, let producer = sources[0]?.value.flatMap({ values[$0].producer }),
            let first = nodes[producer].op as? Transpose, let source = nodes[producer].operands[0]?.value
        else { return nil }
        return second.permutation.enumerated().allSatisfy { first.permutation[$0.element] == $0.offset } ? source : nil
    }
}

extension NodeDef {
    /// The operator with its domain, where that is not ONNX's own.
    var qualifiedType: String { domain.isEmpty ? opType : "\(domain).\(opType)" }

    /// The tensors that the node reads, in the graphs of its attributes too.
    var reads: Set<String> {
        attributes.values.reduce(into: Set(inputs)) { reads, attribute in
            guard case .graph(let graph) = attribute else { return }
            for node in graph.nodes { reads.formUnion(node.reads) }
            reads.formUnion(graph.outputs.map(\.name))
        }
    }
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

extension Operand {
    /// What a constant with a row an image says of the first one.
    fileprivate var firstImage: Operand {
        let one = Shape([1] + shape.dims.dropFirst())
        return switch self {
        case .floats(_, let storage): .floats(one, FloatStorage(Array(storage.values.prefix(one.count))))
        case .integers(_, let values): .integers(one, Array(values.prefix(one.count)))
        case .value: self
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
