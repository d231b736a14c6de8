import ONNX

/// A value's place in `Graph.values`.
public typealias ValueID = Int

/// A network, immutable, float32 at run time: constants folded, shapes known, for one input size.
public struct Graph: Sendable {
    /// A tensor that a run computes (or its input); `shape` is one image's.
    public struct Value: Sendable {
        /// As the file names it.
        public let name: String
        /// Of one image.
        public let shape: Shape
        /// The node that computes it; nil for the network's input.
        public let producer: Int?
    }

    package enum Source: Sendable {
        case value(ValueID)
        case constant(Shape, FloatStorage)

        package var value: ValueID? { if case .value(let id) = self { id } else { nil } }
    }

    /// One call of an operator.
    public struct Node: Sendable {
        /// As the file names it.
        public let name: String
        /// ONNX's name of the operator.
        public let opType: String
        /// The module path as a PyTorch user writes it (`layer4.1.conv1`); empty where the file does not tell.
        public let path: String
        package internal(set) var op: any Operator
        /// nil where an optional operand is left out.
        package internal(set) var operands: [Source?]
        /// What it computes.
        public let outputs: [ValueID]
        /// The batch norm that an exporter folded into this convolution; nil where there is no sign of one.
        var norm: FoldedNorm? = nil
        /// Whether it stands in no file: another's part, before the last, or the importer's own.
        var isInner = false
        /// What the dynamo exporter's optimiser merged in it, by the names of its rules.
        var merges = ""
    }

    /// Every tensor that a run computes, and the input.
    public let values: [Value]
    /// In the order in which they run.
    public internal(set) var nodes: [Node]
    /// The image: [1, channels, height, width].
    public let input: ValueID
    /// What is explained, numbers of this form: of classes one a class, the class scores before any closing Softmax,
    /// LogSoftmax or Sigmoid, and whatever follows these; where there is no such number for every class, as after the
    /// mean of several networks, the scores themselves. A network of one output, y, has two classes: 0, the negative
    /// one, with -y, and 1, the positive one, with y. A detector's boxes and scores are one value, whatever the file
    /// makes of them.
    public let logits: ValueID
    /// What these numbers are.
    public let form: OutputForm
    /// What the scores of the classes are.
    public let probability: Probability
    /// The output whose numbers these are.
    public let output: ChosenOutput
    /// The file's first outputs, and what can be explained of each.
    public let offers: [OutputOffer]
    /// The file's own input, which the image is brought to.
    public let image: ImageInput

    /// Nodes that read each value.
    public let consumers: [[Int]]

    /// How each value is a map over the photo; nil where it is none.
    let maps: [SpatialLayout?]

    /// The longest way from the image to every value, in nodes; -1 where a value does not depend on it. No order of the
    /// nodes changes it.
    let depths: [Int]

    /// See `findDefaultLayer`.
    public private(set) var defaultLayer: Layer?

    /// What it may ask for.
    public internal(set) var limits: Limits

    /// What its nodes take.
    private let memory: MemoryClaim

    init(
        values: [Value], nodes: [Node], input: ValueID, scores: Scores, image: ImageInput,
        limits: Limits = Limits(), memory: MemoryClaim = MemoryClaim()
    ) {
        (self.values, self.nodes, self.input, self.image) = (values, nodes, input, image)
        (self.limits, self.memory) = (limits, memory)
        (logits, form) = (scores.logits, scores.form)
        (probability, output, offers) = (scores.probability, scores.output, scores.offers)
        var consumers = [[Int]](repeating: [], count: values.count)
        for (index, node) in nodes.enumerated() {
            for case .value(let id)? in node.operands { consumers[id].append(index) }
        }
        self.consumers = consumers
        var maps = SpatialLayouts(values: values, nodes: nodes, input: input, isSignal: image.isSignal).forms
        for value in MirrorImages(nodes: nodes, input: input, forms: maps).values { maps[value] = nil }
        self.maps = maps
        var depths = [Int](repeating: -1, count: values.count)
        depths[input] = 0
        for node in nodes {
            var before = -1
            for case .value(let id)? in node.operands { before = max(before, depths[id]) }
            guard before >= 0 else { continue }
            for output in node.outputs { depths[output] = before + 1 }
        }
        self.depths = depths
        defaultLayer = findDefaultLayer()
    }

    /// [1, channels, height, width] of what is fed.
    public var inputShape: Shape { values[input].shape }
    /// How many numbers `logits` holds.
    public var numbers: Int { values[logits].shape.count }
    /// How many classes are scored; numbers that are no classes' count each.
    public var classes: Int {
        switch form {
        case .classes, .embedding, .numbers: numbers
        case .pixels(let form): form.classes
        case .boxes(let form): form.classes
        }
    }

    /// Values that depend on any of `sources` (which count themselves).
    package func descendants(of sources: [ValueID]) -> Set<ValueID> { nodes.descendants(of: sources) }

    /// Values that `target` is computed from (which counts itself).
    package func ancestors(of target: ValueID) -> Set<ValueID> { nodes.ancestors(of: target) }

    /// What the nodes downstream of a value read besides it on the way to the logits.
    ///
    /// - Throws: `.layerNotOnPath` where it does not lead to them.
    package func sideInputs(of value: ValueID) throws(NetworkError) -> [ValueID] {
        let onPath = ancestors(of: logits)
        guard onPath.contains(value) else { throw .layerNotOnPath(values[value].name) }
        let downstream = descendants(of: [value]).intersection(onPath)
        var found: [ValueID] = [], known = downstream
        for node in nodes where node.outputs.contains(where: { $0 != value && downstream.contains($0) }) {
            for case .value(let operand)? in node.operands where known.insert(operand).inserted {
                found.append(operand)
            }
        }
        return found
    }
}

extension [Graph.Node] {
    /// See `Graph.descendants`.
    func descendants(of sources: [ValueID]) -> Set<ValueID> {
        var found = Set(sources)
        for node in self where node.operands.contains(where: { $0?.value.map(found.contains) ?? false }) {
            found.formUnion(node.outputs)
        }
        return found
    }

    /// See `Graph.ancestors`.
    func ancestors(of target: ValueID) -> Set<ValueID> {
        var found: Set<ValueID> = [target]
        for node in reversed() where node.outputs.contains(where: found.contains) {
            found.formUnion(node.operands.compactMap { $0?.value })
        }
        return found
    }
}
