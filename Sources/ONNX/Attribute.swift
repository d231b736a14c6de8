/// The value of a node's attribute.
package indirect enum Attribute: Sendable {
    case float(Float)
    case int(Int64)
    case string(String)
    case tensor(TensorDef)
    case graph(GraphDef)
    case floats([Float])
    case ints([Int64])
    case strings([String])
    case tensors([TensorDef])
    /// In a function's body: the attribute of that name at the node that calls the function.
    case reference(String)
    /// A kind that this reader does not read: lists of graphs, sparse tensors, types.
    case other
    /// A tensor that contradicts itself, or whose values are not to be had.
    case unreadable(ONNXError)
}

extension Attribute {
    /// What the value is, by AttributeType.
    package enum Kind: Sendable { case float, int, string, tensor, graph, floats, ints, strings, other }

    /// nil where the value cannot be read.
    package var kind: Kind? {
        switch self {
        case .float: .float
        case .int: .int
        case .string: .string
        case .tensor: .tensor
        case .graph: .graph
        case .floats: .floats
        case .ints: .ints
        case .strings: .strings
        case .tensors, .reference, .other: .other
        case .unreadable: nil
        }
    }
}

/// AttributeProto.
struct NamedAttribute: Entry {
    var key = ""
    var value = Attribute.other

    /// A tensor that cannot be read is kept as what is wrong with it, so that one node's does not hide what else is in
    /// the file.
    init(_ message: WireReader) throws(ONNXError) {
        do throws(ONNXError) {
            try read(message)
        } catch {
            switch error {
            case .tensor, .externalData: value = .unreadable(error)
            default: throw error
            }
        }
    }

    private mutating func read(_ message: WireReader) throws(ONNXError) {
        var float: Float = 0, int: Int64 = 0, string = "", reference = ""
        var tensor: TensorDef?, graph: GraphDef?
        var floats: [Float] = [], ints: [Int64] = [], strings: [String] = [], tensors: [TensorDef] = []
        var kind: Int64 = 0, kindOfField: Int64 = 0
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: key = try reader.string()
            case 2: float = try reader.float()
            case 3: int = try reader.int64()
            case 4: string = try reader.string()
            case 5: tensor = try TensorDef(try reader.message("TensorProto"), unnamed: "attribute \(key)")
            case 6: graph = try GraphDef(try reader.message("GraphProto"))
            case 7: try reader.append(to: &floats)
            case 8: try reader.append(to: &ints)
            case 9: strings.append(try reader.string())
            case 10: tensors.append(try TensorDef(try reader.message("TensorProto"), unnamed: "attribute \(key)"))
            case 20: kind = try reader.int64()
            case 21: reference = try reader.string()
            default: try reader.skip()
            }
            // Fields 2 to 10 hold the kinds 1 to 9 of AttributeType; IR version 1 had no field to name the kind.
            if (2...10).contains(field) { kindOfField = Int64(field - 1) }
        }
        guard reference.isEmpty else {
            value = .reference(reference)
            return
        }
        switch kind == 0 ? kindOfField : kind {
        case 1: value = .float(float)
        case 2: value = .int(int)
        case 3: value = .string(string)
        case 4: if let tensor { value = .tensor(tensor) }
        case 5: if let graph { value = .graph(graph) }
        case 6: value = .floats(floats)
        case 7: value = .ints(ints)
        case 8: value = .strings(strings)
        case 9: value = .tensors(tensors)
        default: break
        }
    }
}
