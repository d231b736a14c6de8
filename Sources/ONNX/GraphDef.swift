/// GraphProto: nodes, which should stand in topological order but don't in every file, and what they start from.
package struct GraphDef: Sendable {
    package var name: String
    package var nodes: [NodeDef]
    package var initializers: [TensorDef]
    /// Names of initializers that are stored as places and values, which are not read.
    package var sparseInitializers: [String] = []
    /// Before IR version 4 the initializers are inputs too.
    package var inputs: [ValueInfo]
    package var outputs: [ValueInfo]
    package var valueInfo: [ValueInfo]
    /// metadata_props.
    package var metadata: [String: String] = [:]

    package init(
        name: String = "", nodes: [NodeDef] = [], initializers: [TensorDef] = [],
        inputs: [ValueInfo] = [], outputs: [ValueInfo] = [], valueInfo: [ValueInfo] = []
    ) {
        self.name = name
        self.nodes = nodes
        self.initializers = initializers
        self.inputs = inputs
        self.outputs = outputs
        self.valueInfo = valueInfo
    }

    init(_ message: WireReader) throws(ONNXError) {
        self.init()
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: nodes.append(try NodeDef(try reader.message("NodeProto")))
            case 2: name = try reader.string()
            case 5: initializers.append(try TensorDef(try reader.message("TensorProto")))
            case 11: inputs.append(try ValueInfo(try reader.message("ValueInfoProto")))
            case 12: outputs.append(try ValueInfo(try reader.message("ValueInfoProto")))
            case 13: valueInfo.append(try ValueInfo(try reader.message("ValueInfoProto")))
            case 15: sparseInitializers.append(try sparseName(try reader.message("SparseTensorProto")))
            case 16: try metadata.add(StringEntry(try reader.message("StringStringEntryProto")))
            default: try reader.skip()
            }
        }
    }

    /// SparseTensorProto's name, which is its values'.
    private func sparseName(_ message: WireReader) throws(ONNXError) -> String {
        var reader = message, name = ""
        while let field = try reader.nextField() {
            if field == 1 { name = try TensorDef(try reader.message("TensorProto")).name } else { try reader.skip() }
        }
        return name
    }
}

/// NodeProto: one call of an operator or of a model-local function.
package struct NodeDef: Sendable {
    package var name: String
    package var opType: String
    /// "" is ai.onnx.
    package var domain: String
    /// Names of values; "" where an optional input or output is left out.
    package var inputs: [String]
    package var outputs: [String]
    package var attributes: [String: Attribute]
    /// metadata_props; PyTorch's dynamo exporter keeps module names here.
    package var metadata: [String: String]
    /// Tells functions of one name apart.
    package var overload = ""

    package init(
        name: String = "", opType: String = "", domain: String = "", inputs: [String] = [], outputs: [String] = [],
        attributes: [String: Attribute] = [:], metadata: [String: String] = [:]
    ) {
        self.name = name
        self.opType = opType
        self.domain = domain
        self.inputs = inputs
        self.outputs = outputs
        self.attributes = attributes
        self.metadata = metadata
    }

    init(_ message: WireReader) throws(ONNXError) {
        self.init()
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: inputs.append(try reader.string())
            case 2: outputs.append(try reader.string())
            case 3: name = try reader.string()
            case 4: opType = try reader.string()
            case 5: try attributes.add(NamedAttribute(try reader.message("AttributeProto")))
            case 7: domain = canonicalDomain(try reader.string())
            case 8: overload = try reader.string()
            case 9: try metadata.add(StringEntry(try reader.message("StringStringEntryProto")))
            default: try reader.skip()
            }
        }
    }
}
