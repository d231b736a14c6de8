/// ValueInfoProto: a value's name and what is known of its type.
package struct ValueInfo: Sendable, Equatable {
    package var name: String
    /// nil where it is not stated, or the value is no tensor.
    package var elementType: ElementType?
    /// nil where not even the number of dimensions is known; [] is a scalar.
    package var shape: [Dimension]?
    /// What it is where it is no tensor.
    package var kind: Kind?

    /// The types of TypeProto other than a dense tensor's.
    package enum Kind: String, Sendable {
        case sequence = "a sequence", map = "a map", opaque = "opaque", optional = "an optional"
        case sparse = "a sparse tensor"
    }

    package init(name: String = "", elementType: ElementType? = nil, shape: [Dimension]? = nil, kind: Kind? = nil) {
        self.name = name
        self.elementType = elementType
        self.shape = shape
        self.kind = kind
    }

    init(_ message: WireReader) throws(ONNXError) {
        self.init()
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: name = try reader.string()
            case 2: try readType(try reader.message("TypeProto"))
            default: try reader.skip()
            }
        }
    }

    private mutating func readType(_ message: WireReader) throws(ONNXError) {
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: try readTensorType(try reader.message("TypeProto.Tensor"))
            case 4, 5, 7, 8, 9:
                kind = [4: .sequence, 5: .map, 7: .opaque, 8: .sparse, 9: .optional][field]
                try reader.skip()
            default: try reader.skip()
            }
        }
    }

    private mutating func readTensorType(_ message: WireReader) throws(ONNXError) {
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1:
                let code = try reader.int64()
                elementType = code == 0 ? nil : ElementType(code: code)
            case 2: try readShape(try reader.message("TensorShapeProto"))
            default: try reader.skip()
            }
        }
    }

    private mutating func readShape(_ message: WireReader) throws(ONNXError) {
        var reader = message
        var dimensions: [Dimension] = []
        while let field = try reader.nextField() {
            switch field {
            case 1: dimensions.append(try Dimension(try reader.message("TensorShapeProto.Dimension")))
            default: try reader.skip()
            }
        }
        shape = dimensions
    }
}

/// TensorShapeProto.Dimension.
package enum Dimension: Sendable, Equatable {
    /// Never negative.
    case fixed(Int)
    /// dim_param: the same name means the same size.
    case symbolic(String)
    case unknown

    init(_ message: WireReader) throws(ONNXError) {
        self = .unknown
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1:
                // Some exporters write -1 for a size that is not known.
                let size = try reader.int64()
                self = size < 0 ? .unknown : .fixed(Int(size))
            case 2:
                let name = try reader.string()
                self = name.isEmpty ? .unknown : .symbolic(name)
            default: try reader.skip()
            }
        }
    }
}
