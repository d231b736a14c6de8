import ONNX

extension Graph {
    /// Reads a network for one image size.
    ///
    /// - Parameters:
    ///   - model: the parsed file.
    ///   - image: its input.
    ///   - width, height: the size of the image in pixels where the file leaves it open; a size that the file fixes
    ///     wins.
    ///   - output: the output that is explained, or any tensor; nil: see `OutputChoice`.
    ///   - use: what it is wanted for.
    ///   - labels: how many classes have labels; nil: nobody tells. With one or two, a single output is a class's.
    ///   - further: what the inputs besides the photo are fed, by their names.
    ///   - limits: what it may ask for.
    /// - Throws: `NetworkError` naming the node that cannot be run, and why; `.several` where there are more than one.
    public init(
        _ model: Model, image: ImageInput, width: Int, height: Int, output: String? = nil,
        for use: OutputUse = .scores, labels: Int? = nil, further: [String: FurtherInput] = [:],
        limits: Limits = Limits()
    ) throws(NetworkError) {
        try model.checkNames()
        try limits.check(model)
        var importer = Importer(model, batch: max(image.batch ?? 1, 1), limits: limits)
        do throws(MemoryShortage) {
            try importer.nodesMemory.add(bytes: model.memory, within: limits.memory, for: "the file's messages")
        } catch {
            throw .memory(error)
        }
        importer.addInitializers(model.graph)
        let input = try importer.addInput(image, width: width, height: height)
        try importer.addFurther(further, to: model.graph, beside: image)
        importer.add(model.graph.nodes, opset: importer.opset, results: Set(model.graph.outputs.map(\.name)))
        // What one photo needs is within the limits; where all of them are not, they are not compared.
        let batch =
            importer.batch > 1 ? try? Importer(model, whole: image, width: width, height: height, like: importer) : nil
        let scores: Scores
        do throws(NetworkError) {
            scores = try importer.scores(
                model.graph, image: importer.values[input].shape, named: output, for: use, labels: labels)
        } catch {
            throw importer.refined(error, model.graph, named: output, batch)
        }
        self.init(
            values: importer.values, nodes: importer.nodes, input: input, scores: scores, image: image,
            limits: limits, memory: importer.nodesMemory)
        if let batch {
            try refuseMixedBatch(model.graph, one: importer, all: batch, output: output)
            try refuseMixedScores(one: importer, all: batch)
        }
        if let node = joinedPictures { throw .joinedPictures(node: node) }
    }
}

/// Turns a file's nodes into a graph's, one after another; goes on after a node that cannot be run, to find all of
/// them.
struct Importer {
    let opset: Int
    /// The number of images that shapes in the file are written for.
    let batch: Int
    var limits: Limits
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
    /// The nodes that turn each value's whole numbers into real ones.
    var dequantizers: [ValueID: [Int]] = [:]
    /// Constants that are made of nothing but the file's own numbers.
    var fileConstants: Set<String> = []
    /// Such constants of another import of the same file, which are taken over.
    let known: [String: (operand: Operand, type: ElementType?)]
    /// Multiplications and additions of all nodes so far.
    var operations = 0.0
    /// The memory of integer constants and sequences.
    let arrays = MemoryClaim()
    /// The memory of nodes, which the graph takes over.
    let nodesMemory = MemoryClaim()
    /// Tensors after a node that cannot be run.
    private(set) var lost: Set<String> = []

    /// - Parameters:
    ///   - batch: the number of images that the file's shapes are written for.
    ///   - other: an import of the same file, whose constants are taken over where they do not depend on the number of
    ///     images.
    init(
        _ model: Model, batch: Int = 1, like other: Importer? = nil, limits: Limits = Limits()
    ) {
        self.limits = other?.limits ?? limits
        opset = Int(clamping: model.opsets[""] ?? model.opsets["ai.onnx"] ?? 1)
        self.batch = batch
        known =
            other.map { other in
                Dictionary(
                    uniqueKeysWithValues: other.fileConstants.compactMap { name in
                        other.tensors[name].flatMap { $0.isConstant ? (name, ($0, other.types[name])) : nil }
                    })
            } ?? [:]
        functions = Self.table(model.functions)
    }

    /// Functions by their keys; the first of one name counts.
    static func table(_ functions: [FunctionDef]) -> [String: FunctionDef] {
        Dictionary(functions.map { (key($0.domain, $0.name, $0.overload), $0) }) { first, _ in first }
    }

    static func key(_ domain: String, _ name: String, _ overload: String) -> String {
        [domain, name, overload].joined(separator: "\0")
    }

    /// A tensor that cannot be read is a fault only of a file that needs it.
    mutating func addInitializers(_ graph: GraphDef) {
        for name in graph.sparseInitializers {
            faults.append(
                .tensor(
                    name: TensorName.shown(name),
                    reason: "it is a sparse tensor, of which only dense ones are read: export the network with dense "
                        + "weights"))
            lose([name])
        }
        for tensor in graph.initializers {
            types[tensor.name] = tensor.elementType
            do throws(OperatorFault) {
                // Labels, which stand after the scores.
                guard tensor.elementType != .string else { lose([tensor.name]); continue }
                if let known = known[tensor.name] {
                    tensors[tensor.name] = known.operand
                } else {
                    let constant = try Operand(tensor, within: limits.memory)
                    try claim(constant)
                    tensors[tensor.name] = constant
                }
                fileConstants.insert(tensor.name)
            } catch {
                let fault: NetworkError =
                    if case .onnx(let error) = error { .file(error) } else {
                        .tensor(name: TensorName.shown(tensor.name), reason: error.reason)
                    }
                faults.append(fault)
                lose([tensor.name])
            }
        }
    }

    mutating func define(_ name: String, _ shape: Shape, producer: Int?) -> ValueID {
        values.append(.init(name: TensorName.shown(name), shape: shape, producer: producer))
        tensors[name] = .value(values.count - 1, shape)
        return values.count - 1
    }

    /// Adds nodes, in whatever order they stand.
    ///
    /// - Parameter results: what of the nodes' outputs is read elsewhere; nil: all. Nodes and outputs that lead to none
    ///   of it are left out, as masks and statistics for training are.
    mutating func add(_ nodes: [NodeDef], opset: Int, depth: Int = 0, results: Set<String>? = nil) {
        let order = NodeOrder(nodes) { tensors[$0] != nil || lost.contains($0) }
        for cycle in order.cycles {
            faults.append(.cycle(nodes: cycle.map { nodes[$0].shownName($0) }))
            for index in cycle { lose(nodes[index].outputs) }
        }
        let read = results.map { order.reads(for: $0, of: nodes) }
        for index in order.places {
            var node = nodes[index]
            node.name = node.shownName(index)
            if let breach = breach(node, opset: opset) {
                faults.append(fault(breach, node, opset))
                lose(node.outputs)
                continue
            }
            if let read, read.isDisjoint(with: node.outputs) { continue }
            if let read {
                for output in node.outputs.indices.dropFirst() where !read.contains(node.outputs[output]) {
                    node.outputs[output] = ""
                }
            }
            add(node, opset: opset, depth: depth)
        }
    }

    mutating func add(_ node: NodeDef, opset: Int, depth: Int = 0) {
        do throws(NetworkError) {
            for case .unreadable(let error) in node.attributes.values { throw fault(.onnx(error), node, opset) }
            guard !node.inputs.contains(where: lost.contains) else {
                // What stands after a fault can be judged by its name alone.
                if !node.isWritten, !Registry.knows(node.qualifiedType),
                    functions[Self.key(node.domain, node.opType, node.overload)] == nil
                {
                    faults.append(fault(.unsupported, node, opset))
                }
                return lose(node.outputs)
            }
            if let function = functions[Self.key(node.domain, node.opType, node.overload)] {
                guard depth < 64 else {
                    throw fault(.shape("functions call one another without end: the file is damaged"), node, opset)
                }
                add(
                    function.inlined(at: node, depth: depth), opset: Int(clamping: function.opsets[""] ?? Int64(opset)),
                    depth: depth + 1,
                    results: Set(node.outputs))
            } else if node.qualifiedType == Self.branching {
                try addBranch(node, opset: opset, depth: depth)
            } else if let rule = Self.sequenceRules[node.qualifiedType] {
                try addSequence(node, rule, opset: opset, depth: depth)
            } else {
                try addOperator(node, opset: opset, depth: depth)
            }
        } catch {
            faults.append(error)
            lose(node.outputs)
        }
    }

    /// What of the standard a node breaks, as its operator or as the call of a function.
    private func breach(_ node: NodeDef, opset: Int) -> OperatorFault? {
        guard let function = functions[Self.key(node.domain, node.opType, node.overload)], !node.isWritten else {
            return node.breach(opset: opset)
        }
        return node.breach(inputs: 0...function.inputs.count, outputs: 0...function.outputs.count, areInOrder: false)
    }

    mutating func lose(_ outputs: [String]) { lost.formUnion(outputs.filter { !$0.isEmpty }) }

    func fault(_ fault: OperatorFault, _ node: NodeDef, _ opset: Int) -> NetworkError {
        let reason =
            if case .unsupported = fault { Wording(UnsupportedOperator.advice(node.qualifiedType)) } else {
                fault.reason
            }
        return .node(name: node.name, operator: node.qualifiedType, opset: opset, reason: reason)
    }

    /// The operator whose operands are graphs.
    static let branching = "If"

    /// The branch that a condition known beforehand takes.
    private mutating func addBranch(_ node: NodeDef, opset: Int, depth: Int) throws(NetworkError) {
        guard depth < 64, let condition = node.inputs.first, case .integers(_, let values)? = tensors[condition],
            let taken = values.first
        else {
            throw fault(
                .shape(
                    "its condition is computed at run time, but only a constant is supported there; export with "
                        + "constant folding and a fixed input size"
                ), node, opset)
        }
        guard case .graph(let graph)? = node.attributes[taken != 0 ? "then_branch" : "else_branch"],
            graph.outputs.count >= node.outputs.count
        else {
            throw fault(.shape("a branch is missing: the file is damaged; export it again"), node, opset)
        }
        let branch = graph.branch(of: node, depth: depth)
        addInitializers(branch)
        add(branch.nodes, opset: opset, depth: depth + 1, results: Set(branch.outputs.map(\.name)))
        for (output, inner) in zip(node.outputs, branch.outputs) {
            if let tensor = tensors[inner.name] { tensors[output] = tensor } else { lost.insert(output) }
        }
    }
}
