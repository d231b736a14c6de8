import ONNX

/// A node rewritten into nodes of simpler operators, which are imported in its place. The last of them keeps its name
/// and outputs, so that layers are found by the file's own names. They are of a domain of their own (`NodeDef.written`)
/// and of one operator set, so that rules are written once for files of any, and no function of a file takes their
/// place.
///
/// A new rule is a function in a file of its own kind and a line in `rules`.
struct Lowering {
    /// Rewrites a node into a body, or returns false where the node can be run as it is.
    typealias Rule = @Sendable (NodeReader, inout Lowering) throws(OperatorFault) -> Bool

    static let rules: [String: Rule] = [
        "Add": Lowering.narrowArithmetic,
        "AffineGrid": Lowering.affineGrid,
        "Attention": Lowering.attention,
        "AveragePool": Lowering.liftToMap,
        "BatchNormalization": Lowering.foldSpatialAxes,
        "CastLike": Lowering.castLike,
        "CenterCropPad": Lowering.centerCropPad,
        "Clip": Lowering.clipComputedBounds,
        "Compress": Lowering.compress,
        "Conv": Lowering.liftToMap,
        "ConvInteger": Lowering.integerConv,
        "ConvTranspose": Lowering.liftToMap,
        "DepthToSpace": Lowering.depthToSpace,
        "Div": Lowering.divide,
        "Dropout": Lowering.dropoutMask,
        "DynamicQuantizeLinear": Lowering.dynamicQuantize,
        "Einsum": Lowering.einsum,
        "EyeLike": Lowering.eyeLike,
        "Gather": Lowering.gatherComputed,
        "GlobalLpPool": Lowering.foldSpatialAxes,
        "GlobalMaxPool": Lowering.foldSpatialAxes,
        "Hardmax": Lowering.hardmax,
        "LayerNormalization": Lowering.layerNormalizationWithStatistics,
        "LpNormalization": Lowering.lpNormalization,
        "LpPool": Lowering.liftToMap,
        "MatMulInteger": Lowering.integerMatMul,
        "Max": Lowering.chainPairs,
        "MaxPool": Lowering.liftToMap,
        "Mean": Lowering.mean,
        "MeanVarianceNormalization": Lowering.meanVarianceNormalization,
        "Min": Lowering.chainPairs,
        "Mul": Lowering.narrowArithmetic,
        "OneHot": Lowering.oneHot,
        "PRelu": Lowering.alignSlope,
        "Pow": Lowering.alignLegacyOperand,
        "QLinearConv": Lowering.quantizedConv,
        "QLinearMatMul": Lowering.quantizedMatMul,
        "ReduceL2": Lowering.reduceWholeNumbers,
        "ReduceLogSum": Lowering.reduceWholeNumbers,
        "ReduceLogSumExp": Lowering.reduceWholeNumbers,
        "ReduceMean": Lowering.reduceWholeNumbers,
        "RotaryEmbedding": Lowering.rotaryEmbedding,
        "SpaceToDepth": Lowering.spaceToDepth,
        "Sub": Lowering.narrowArithmetic,
        "SwiGLU": Lowering.swiGLU,
        "Tile": Lowering.tile,
    ]

    /// The rule for an operator, by its name with its domain where that is not ONNX's own.
    static func rule(_ name: String) -> Rule? {
        let domain = "com.microsoft."
        return name.hasPrefix(domain) ? microsoft[String(name.dropFirst(domain.count))] : rules[name]
    }

    /// The operator set that rules write, whatever the file's is.
    static let opset = 21

    private let node: NodeDef
    private let depth: Int
    private var nodes: [NodeDef] = []

    /// - Parameter depth: tells a node from the one that it ends the rewriting of.
    /// - Returns: the nodes to import instead of this one; nil where it is no composite.
    static func rewrite(_ reader: NodeReader, depth: Int) throws(OperatorFault) -> [NodeDef]? {
        guard let rule = rule(reader.node.qualifiedType) else { return nil }
        var body = Lowering(node: reader.node, depth: depth)
        return try rule(reader, &body) ? body.nodes : nil
    }

    private init(node: NodeDef, depth: Int) { (self.node, self.depth) = (node, depth) }

    /// Adds a node and gives its output's name.
    mutating func call(_ op: String, _ inputs: [String], _ attributes: [String: Attribute] = [:]) -> String {
        let output = nextTensor
        nodes.append(
            NodeDef(
                name: "\(node.name)_\(nodes.count)", opType: op, domain: NodeDef.written, inputs: inputs,
                outputs: [output],
                attributes: attributes,
                metadata: node.metadata))
        return output
    }

    private var nextTensor: String {
        TensorName.made("\(node.name)_\(nodes.count):0", by: node, .rewriting, depth: depth)
    }

    mutating func integers(_ values: [Extent]) -> String { wholeNumbers(values.map(\.int64)) }

    /// The constant has the same array: many numbers are there once.
    mutating func wholeNumbers(_ values: [Int64]) -> String { call("Constant", [], ["value_ints": .ints(values)]) }

    mutating func axes(_ axes: [Int]) -> String { integers(axes.map { Extent($0) }) }

    mutating func number(_ value: Float) -> String { call("Constant", [], ["value_float": .float(value)]) }

    mutating func numbers(_ values: [Float]) -> String { call("Constant", [], ["value_floats": .floats(values)]) }

    mutating func reshape(_ input: String, _ dims: [Extent]) -> String {
        let shape = integers(dims)
        return call("Reshape", [input, shape], ["allowzero": .int(1)])
    }

    mutating func transpose(_ input: String, _ permutation: [Int]) -> String {
        permutation == Array(permutation.indices)
            ? input : call("Transpose", [input], ["perm": .ints(permutation.map(Int64.init))])
    }

    /// The node that gives the rewritten node's output of this index.
    mutating func finish(_ op: String, _ inputs: [String], _ attributes: [String: Attribute] = [:], output: Int = 0) {
        guard output < node.outputs.count, !node.outputs[output].isEmpty else { return }
        nodes.append(
            NodeDef(
                name: output == 0 ? node.name : "\(node.name)_output\(output)", opType: op, domain: NodeDef.written,
                inputs: inputs,
                outputs: [node.outputs[output]],
                attributes: attributes, metadata: node.metadata))
    }

    /// Ends with y rounded to whole numbers. The node's name stands for the real numbers that these stand for, which
    /// layers show.
    mutating func finish(quantized y: String, scale: String, zero: String) {
        guard let result = node.outputs.first, !result.isEmpty else { return }
        let rounded = call("QuantizeLinear", [y, scale, zero])
        let real = nextTensor
        nodes.append(
            NodeDef(
                name: node.name, opType: "DequantizeLinear", domain: NodeDef.written, inputs: [rounded, scale, zero],
                outputs: [real],
                metadata: node.metadata))
        nodes.append(
            NodeDef(
                name: node.name + "_quantized", opType: "QuantizeLinear", domain: NodeDef.written,
                inputs: [real, scale, zero],
                outputs: [result], metadata: node.metadata))
    }

    /// Ends with the same numbers under another shape.
    mutating func finish(_ input: String, shape dims: [Extent], output: Int = 0) {
        let shape = integers(dims)
        finish("Reshape", [input, shape], ["allowzero": .int(1)], output: output)
    }
}

extension NodeReader {
    /// An operand's name in the file; "" where it is left out.
    func name(_ index: Int) -> String { index < node.inputs.count ? node.inputs[index] : "" }
}
