/// A protobuf message taken apart into its fields, in their order: what a mutation changes, and what is written again
/// with every length mended.
///
/// https://protobuf.dev/programming-guides/encoding/
struct Message {
    enum Value {
        case varint(UInt64)
        case fixed64([UInt8])
        case fixed32([UInt8])
        case bytes([UInt8])
        case text([UInt8])
        case integers([UInt64])
        case message(Message)
    }

    struct Field {
        let number: Int
        var value: Value
    }

    let kind: Kind
    var fields: [Field] = []

    /// - Returns: nil where the bytes are no message, or one that nests too deep.
    init?(_ kind: Kind, _ bytes: ArraySlice<UInt8>, depth: Int = 0) {
        guard depth < 40 else { return nil }
        self.kind = kind
        var rest = bytes
        while !rest.isEmpty {
            guard let key = Self.varint(&rest), (1..<1 << 29).contains(key >> 3) else { return nil }
            let number = Int(key >> 3)
            func take(_ count: Int) -> [UInt8]? {
                guard count <= rest.count else { return nil }
                defer { rest = rest.dropFirst(count) }
                return Array(rest.prefix(count))
            }
            switch key & 7 {
            case 0:
                guard let value = Self.varint(&rest) else { return nil }
                fields.append(Field(number: number, value: .varint(value)))
            case 1:
                guard let value = take(8) else { return nil }
                fields.append(Field(number: number, value: .fixed64(value)))
            case 5:
                guard let value = take(4) else { return nil }
                fields.append(Field(number: number, value: .fixed32(value)))
            case 2:
                guard let length = Self.varint(&rest), let count = Int(exactly: length), let value = take(count) else {
                    return nil
                }
                fields.append(Field(number: number, value: Self.read(value, as: kind.content[number], depth)))
            default: return nil
            }
        }
    }

    private static func read(_ bytes: [UInt8], as content: Kind.Content?, _ depth: Int) -> Value {
        switch content {
        case .text: return .text(bytes)
        case .message(let kind): return Message(kind, bytes[...], depth: depth + 1).map(Value.message) ?? .bytes(bytes)
        case .integers:
            var (rest, numbers) = (bytes[...], [UInt64]())
            while !rest.isEmpty {
                guard let number = varint(&rest) else { return .bytes(bytes) }
                numbers.append(number)
            }
            return .integers(numbers)
        case nil: return .bytes(bytes)
        }
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 70, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }

    /// The message as a file has it.
    var bytes: [UInt8] {
        var out: [UInt8] = []
        func varint(_ value: UInt64, _ out: inout [UInt8]) {
            var rest = value
            while rest >= 0x80 {
                out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            out.append(UInt8(rest))
        }
        for field in fields {
            func key(_ type: UInt64) { varint(UInt64(field.number) << 3 | type, &out) }
            func delimited(_ bytes: [UInt8]) {
                key(2)
                varint(UInt64(bytes.count), &out)
                out += bytes
            }
            switch field.value {
            case .varint(let value):
                key(0)
                varint(value, &out)
            case .fixed64(let bytes):
                key(1)
                out += bytes
            case .fixed32(let bytes):
                key(5)
                out += bytes
            case .bytes(let bytes), .text(let bytes): delimited(bytes)
            case .integers(let numbers):
                var packed: [UInt8] = []
                for number in numbers { varint(number, &packed) }
                delimited(packed)
            case .message(let message): delimited(message.bytes)
            }
        }
        return out
    }
}
