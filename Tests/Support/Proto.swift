/// Writes protobuf messages byte by byte, without the module under test; knows wire types only, so it can write
/// nonsense too.
public struct Proto: Sendable {
    public var bytes: [UInt8] = []

    public init(_ parts: Proto...) { bytes = parts.flatMap(\.bytes) }
    public init(bytes: [UInt8]) { self.bytes = bytes }

    public static func varint(_ value: UInt64) -> [UInt8] {
        var rest = value, bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    public static func tag(_ field: Int, _ wireType: UInt64) -> [UInt8] { varint(UInt64(field) << 3 | wireType) }

    public static func int(_ field: Int, _ value: Int64) -> Proto {
        Proto(bytes: tag(field, 0) + varint(UInt64(bitPattern: value)))
    }
    public static func float(_ field: Int, _ value: Float) -> Proto {
        Proto(bytes: tag(field, 5) + littleEndian(value.bitPattern))
    }
    public static func double(_ field: Int, _ value: Double) -> Proto {
        Proto(bytes: tag(field, 1) + littleEndian(value.bitPattern))
    }
    public static func data(_ field: Int, _ value: [UInt8]) -> Proto {
        Proto(bytes: tag(field, 2) + varint(UInt64(value.count)) + value)
    }
    public static func string(_ field: Int, _ value: String) -> Proto { data(field, Array(value.utf8)) }
    public static func message(_ field: Int, _ parts: Proto...) -> Proto { data(field, parts.flatMap(\.bytes)) }
    /// Packed varints.
    public static func ints(_ field: Int, _ values: [Int64]) -> Proto {
        data(field, values.flatMap { varint(UInt64(bitPattern: $0)) })
    }
    public static func floats(_ field: Int, _ values: [Float]) -> Proto {
        data(field, values.flatMap { littleEndian($0.bitPattern) })
    }
    public static func doubles(_ field: Int, _ values: [Double]) -> Proto {
        data(field, values.flatMap { littleEndian($0.bitPattern) })
    }
    public static func many(_ parts: [Proto]) -> Proto { Proto(bytes: parts.flatMap(\.bytes)) }

    public static func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}

// Messages of onnx.proto, by the field numbers of the specification.
extension Proto {
    public static func entry(_ field: Int, _ key: String, _ value: String) -> Proto {
        .message(field, .string(1, key), .string(2, value))
    }
    public static func opset(_ version: Int64, domain: String = "") -> Proto {
        .message(8, .string(1, domain), .int(2, version))
    }

    /// A ModelProto around a graph's fields.
    public static func model(_ graph: Proto...) -> Proto {
        Proto(.int(1, 8), .data(7, graph.flatMap(\.bytes)), .opset(17))
    }
    /// A ModelProto with one initializer `w`.
    public static func model(tensor dims: [Int64], type: Int64, _ values: Proto...) -> Proto {
        .model(.message(5, .ints(1, dims), .int(2, type), .string(8, "w"), .many(values)))
    }
}
