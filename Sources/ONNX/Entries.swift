/// A message that is one entry of a dictionary.
protocol Entry {
    associatedtype Value
    var key: String { get }
    var value: Value { get }
}

extension Dictionary where Key == String {
    mutating func add<E: Entry>(_ entry: E) where E.Value == Value { self[entry.key] = entry.value }
}

/// StringStringEntryProto.
struct StringEntry: Entry {
    var key = ""
    var value = ""

    init(_ message: WireReader) throws(ONNXError) {
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: key = try reader.string()
            case 2: value = try reader.string()
            default: try reader.skip()
            }
        }
    }
}

/// OperatorSetIdProto.
struct OperatorSet: Entry {
    var key = ""
    var value: Int64 = 0

    init(_ message: WireReader) throws(ONNXError) {
        var reader = message
        while let field = try reader.nextField() {
            switch field {
            case 1: key = canonicalDomain(try reader.string())
            case 2: value = try reader.int64()
            default: try reader.skip()
            }
        }
    }
}

/// "ai.onnx" and "" are the same domain. No domain begins with NUL: that is left to whoever writes nodes after reading.
func canonicalDomain(_ domain: String) -> String { domain == "ai.onnx" ? "" : String(domain.drop { $0 == "\0" }) }
