/// An ONNX model as it stands in its file. Tensors' values are not copied: they borrow from the mapped file, which they
/// keep alive.
///
/// ModelProto in https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, as are all messages of this module.
public struct Model: Sendable {
    /// The version of ONNX's format.
    public var irVersion: Int64 = 0
    /// The program that wrote the file; empty where it does not say.
    public var producerName = ""
    /// That program's version.
    public var producerVersion = ""
    /// The version of each operator set that the graph uses, by domain; "" is ai.onnx.
    public var opsets: [String: Int64] = [:]
    /// metadata_props: what the file says of itself, by key.
    public var metadata: [String: String] = [:]
    package var graph = GraphDef()
    /// Model-local functions: nodes of the graph may call them by domain, name and overload.
    package var functions: [FunctionDef] = []

    /// About how many bytes of memory its messages take.
    package var memory = 0

    /// What it was read from: the file itself; nil where it was made in memory.
    package private(set) var file: MappedFile?
    /// The files with external data, by the location that the model states, in the order of these.
    package private(set) var dataFiles: [(location: String, file: MappedFile)] = []

    /// Reads the model at `path`; files with external data are looked for beside it.
    ///
    /// - Parameter most: bytes of memory that its messages may take.
    public init(contentsOf path: String, most: Int = .max) throws(ONNXError) {
        let file: MappedFile
        do { file = try MappedFile(path: path) } catch { throw .file(path: path, error) }
        try self.init(file, most: most)
    }

    /// Reads a model that is already in memory or mapped; files with external data are looked for beside `file.path`.
    package init(_ file: MappedFile, most: Int = .max) throws(ONNXError) {
        guard file.count > 0 else { throw .empty(path: file.path) }
        do {
            try self.init(WireReader(ModelSource(file, most: most), message: "ModelProto"))
        } catch {
            throw Self.refined(error, file)
        }
    }

    /// A model made in memory.
    package init(graph: GraphDef, opsets: [String: Int64], metadata: [String: String] = [:]) {
        self.graph = graph
        self.opsets = opsets
        self.metadata = metadata
    }

    private init(_ message: WireReader) throws(ONNXError) {
        var reader = message, hasGraph = false
        while let field = try reader.nextField() {
            switch field {
            case 1: irVersion = try reader.int64()
            case 2: producerName = try reader.string()
            case 3: producerVersion = try reader.string()
            case 7:
                graph = try GraphDef(try reader.message("GraphProto"))
                hasGraph = true
            case 8: try opsets.add(OperatorSet(try reader.message("OperatorSetIdProto")))
            case 14: try metadata.add(StringEntry(try reader.message("StringStringEntryProto")))
            case 25: functions.append(try FunctionDef(try reader.message("FunctionProto")))
            default: try reader.skip()
            }
        }
        memory = reader.source.memory
        file = reader.source.file
        dataFiles = reader.source.besides.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let path = reader.source.file.path
        guard hasGraph else { throw .incomplete(path: path, missing: .graph) }
        if opsets.isEmpty {
            // Before IR version 3 there was one operator set, of version 1, and no field to say so.
            guard irVersion < 3 else { throw .incomplete(path: path, missing: .opsetImport) }
            opsets[""] = 1
        }
    }

    /// A file that fails as protobuf may well be something else: then say what, not at which byte it fails.
    private static func refined(_ error: ONNXError, _ file: MappedFile) -> ONNXError {
        let isModel: Bool
        switch error {
        case .truncated, .incomplete: isModel = true
        case .malformed(_, _, let message, _): isModel = message != "ModelProto"
        default: return error
        }
        let kind = FileKind(of: file.bytes)
        return isModel && kind == .unknown ? error : .notONNX(path: file.path, kind)
    }
}

/// A function that the model brings along: a graph with parameters.
///
/// FunctionProto. Attributes of its nodes may be `.reference`s to the attributes of the calling node.
package struct FunctionDef: Sendable {
    package var name = ""
    package var domain = ""
    package var overload = ""
    package var inputs: [String] = []
    package var outputs: [String] = []
    /// The attributes that a call must give, and those that have a default.
    package var attributes: [String] = []
    package var attributeDefaults: [String: Attribute] = [:]
    package var nodes: [NodeDef] = []
    package var opsets: [String: Int64] = [:]
    package var valueInfo: [ValueInfo] = []
    package var metadata: [String: String] = [:]
    /// Its inputs, to look them up.
    package var parameters: Set<String> = []

    /// A function made in memory.
    package init(name: String, domain: String, inputs: [String], outputs: [String], nodes: [NodeDef]) {
        (self.name, self.domain, self.inputs, self.outputs, self.nodes) = (name, domain, inputs, outputs, nodes)
        parameters = Set(inputs)
    }

    init(_ message: WireReader) throws(ONNXError) {
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: name = try reader.string()
            case 4: inputs.append(try reader.string())
            case 5: outputs.append(try reader.string())
            case 6: attributes.append(try reader.string())
            case 7: nodes.append(try NodeDef(try reader.message("NodeProto")))
            case 9: try opsets.add(OperatorSet(try reader.message("OperatorSetIdProto")))
            case 10: domain = canonicalDomain(try reader.string())
            case 11: try attributeDefaults.add(NamedAttribute(try reader.message("AttributeProto")))
            case 12: valueInfo.append(try ValueInfo(try reader.message("ValueInfoProto")))
            case 13: overload = try reader.string()
            case 14: try metadata.add(StringEntry(try reader.message("StringStringEntryProto")))
            default: try reader.skip()
            }
        }
        parameters = Set(inputs)
    }
}
