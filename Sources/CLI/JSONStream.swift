import ActivationMaps

/// JSON (RFC 8259) that is read while it is asked for, so that what nobody asks for takes no memory.
final class JSONStream {
    private let bytes: ByteStream

    init(_ bytes: ByteStream) { self.bytes = bytes }

    private var fault: TableFault { TableFault(path: bytes.path, .json(line: bytes.line)) }

    /// The first byte of the next value.
    func peek() throws(TableFault) -> UInt8 {
        while let byte = bytes.peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { _ = bytes.next() }
        try bytes.check()
        guard let byte = bytes.peek else { throw fault }
        return byte
    }

    /// What is said of a value of another kind than the one that is read.
    private func fault(expected: String) throws(TableFault) -> TableFault {
        let isValue = try Self.beginnings.contains(peek())
        return isValue ? TableFault(path: bytes.path, .malformed(line: bytes.line, expected: expected)) : fault
    }

    private static let beginnings = Set("{[\"-0123456789tfn".utf8)

    private func take(_ byte: Unicode.Scalar) throws(TableFault) -> Bool {
        guard try peek() == UInt8(ascii: byte) else { return false }
        _ = bytes.next()
        return true
    }

    /// Calls `member` with every key of an object; it has to read or `skip` the value.
    func object(_ member: (String) throws(TableFault) -> Void) throws(TableFault) {
        guard try take("{") else { throw try fault(expected: "an object in braces") }
        if try take("}") { return }
        repeat {
            let key = try string()
            guard try take(":") else { throw fault }
            try member(key)
        } while try take(",")
        guard try take("}") else { throw fault }
    }

    /// The numbers of an array, without what else is in it; none of any other value.
    func numbers() throws(TableFault) -> [Double] {
        var numbers: [Double] = []
        guard try peek() == UInt8(ascii: "[") else {
            try skip()
            return []
        }
        try array { () throws(TableFault) in if let number = try self.number() { numbers.append(number) } }
        return numbers
    }

    /// Calls `element` at every element of an array; it has to read or `skip` it.
    func array(_ element: () throws(TableFault) -> Void) throws(TableFault) {
        guard try take("[") else { throw try fault(expected: "a list in brackets") }
        if try take("]") { return }
        repeat { try element() } while try take(",")
        guard try take("]") else { throw fault }
    }

    func string() throws(TableFault) -> String {
        guard try peek() == UInt8(ascii: "\"") else { throw try fault(expected: "a text in quotes") }
        guard case .string(let text)? = try literal() else { throw fault }
        return text
    }

    /// nil where the next value is no number; it is passed over then.
    func number() throws(TableFault) -> Double? {
        if [UInt8(ascii: "{"), UInt8(ascii: "[")].contains(try peek()) {
            try skip()
            return nil
        }
        return try literal()?.number
    }

    /// Passes over a value of any kind.
    func skip(depth: Int = 0) throws(TableFault) {
        guard depth < 64 else { throw fault }
        switch try peek() {
        case UInt8(ascii: "{"): try object { _ throws(TableFault) in try self.skip(depth: depth + 1) }
        case UInt8(ascii: "["): try array { () throws(TableFault) in try self.skip(depth: depth + 1) }
        default: _ = try literal()
        }
    }

    /// A string, a number or a word.
    private func literal() throws(TableFault) -> PythonLiteral? {
        var text: [UInt8] = []
        if try peek() == UInt8(ascii: "\"") {
            text.append(bytes.next()!)
            while let byte = bytes.next() {
                text.append(byte)
                if byte == UInt8(ascii: "\"") { break }
                if byte == UInt8(ascii: "\\"), let next = bytes.next() { text.append(next) }
                guard text.count < Self.mostBytes else { throw fault }
            }
        } else {
            while let byte = bytes.peek, !Self.ends.contains(byte), text.count < 64 { text.append(bytes.next()!) }
        }
        do throws(PythonLiteral.Fault) { return try PythonLiteral(String(decoding: text, as: UTF8.self)) } catch {
            throw fault
        }
    }

    private static let ends = Set(" \t\r\n,:]}".utf8)
    /// Of a string: a compressed mask of a large photo may be long.
    private static let mostBytes = 1 << 24
}
