/// The type of a tensor's elements.
///
/// TensorProto.DataType in https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
public enum ElementType: Hashable, Sendable {
    case float32, float64, float16, bfloat16
    case int8, int16, int32, int64, uint8, uint16, uint32, uint64
    case bool, string
    /// Two elements a byte, the first in the lower half.
    case int4, uint4
    /// A type that this reader passes on without reading its values (complex, 8-bit floats, ...), by its number.
    case other(Int)

    package init(code: Int64) {
        self =
            switch code {
            case 1: .float32
            case 2: .uint8
            case 3: .int8
            case 4: .uint16
            case 5: .int16
            case 6: .int32
            case 7: .int64
            case 8: .string
            case 9: .bool
            case 10: .float16
            case 11: .float64
            case 12: .uint32
            case 13: .uint64
            case 16: .bfloat16
            case 21: .uint4
            case 22: .int4
            default: .other(Int(truncatingIfNeeded: code))
            }
    }

    /// The bytes that one element takes in raw_data; nil where elements have no width of whole bytes, or an unknown
    /// one.
    package var byteWidth: Int? {
        switch self {
        case .int8, .uint8, .bool: 1
        case .int16, .uint16, .float16, .bfloat16: 2
        case .int32, .uint32, .float32: 4
        case .int64, .uint64, .float64: 8
        case .string, .int4, .uint4, .other: nil
        }
    }

    /// The bytes of so many elements in raw_data; nil where elements have no known width.
    func byteCount(_ count: Int) -> Int? {
        switch self {
        case .int4, .uint4: count / 2 + count % 2
        default: byteWidth.map { $0 * count }
        }
    }

    /// Whether its elements are floating-point numbers.
    public var isFloat: Bool {
        switch self {
        case .float32, .float64, .float16, .bfloat16: true
        default: false
        }
    }
}

extension ElementType: CustomStringConvertible {
    /// As ONNX names it, in lower case.
    public var description: String {
        switch self {
        case .float32: "float32"
        case .float64: "float64"
        case .float16: "float16"
        case .bfloat16: "bfloat16"
        case .int8: "int8"
        case .int16: "int16"
        case .int32: "int32"
        case .int64: "int64"
        case .uint8: "uint8"
        case .uint16: "uint16"
        case .uint32: "uint32"
        case .uint64: "uint64"
        case .bool: "bool"
        case .string: "string"
        case .int4: "int4"
        case .uint4: "uint4"
        case .other(let code): Self.others[code] ?? "number \(code)"
        }
    }

    private static let others = [
        0: "undefined", 14: "complex64", 15: "complex128", 17: "float8e4m3fn", 18: "float8e4m3fnuz", 19: "float8e5m2",
        20: "float8e5m2fnuz", 23: "float4e2m1", 24: "float8e8m0",
    ]
}
