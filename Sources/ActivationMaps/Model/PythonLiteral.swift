/// A value as Python's `repr` or JSON writes it: `{0: 'tench', 1: "dog's friend"}`, `(224, 224)`, `["cat", null]`.
///
/// Both are read by the same rules, as neither writes what the other reads otherwise. A dictionary keeps the order of
/// its entries, and keys that are there twice.
package enum PythonLiteral: Equatable, Sendable {
    package struct Entry: Equatable, Sendable {
        package let key, value: PythonLiteral
    }

    /// `None` or `null`.
    case none
    case boolean(Bool)
    case integer(Int)
    /// Integers beyond 64 bits too.
    case number(Double)
    case string(String)
    /// A list or a tuple.
    case list([PythonLiteral])
    case dictionary([Entry])

    /// Where the text stops being a literal; the line counts from 1.
    package struct Fault: Error, Equatable {
        package let line: Int
    }

    /// - Parameter text: one literal and white space; no call (`array([1])`), set or bytes.
    package init(_ text: String) throws(Fault) {
        var reader = PythonLiteralReader(text)
        self = try reader.whole()
    }

    package var string: String? { if case .string(let text) = self { text } else { nil } }
    package var integer: Int? { if case .integer(let number) = self { number } else { nil } }
    package var list: [PythonLiteral]? { if case .list(let elements) = self { elements } else { nil } }
    package var dictionary: [Entry]? { if case .dictionary(let entries) = self { entries } else { nil } }

    /// An integer too.
    package var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }

    /// The value of a dictionary's key; of several the last, as in Python.
    package subscript(_ key: String) -> PythonLiteral? { dictionary?.last { $0.key == .string(key) }?.value }
}

/// Reads one literal from UTF-8 text. Grammar: https://docs.python.org/3/reference/lexical_analysis.html#literals and
/// RFC 8259.
private struct PythonLiteralReader {
    private let bytes: [UInt8]
    private var next = 0
    private var depth = 0
    private static let deepest = 64

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func whole() throws(PythonLiteral.Fault) -> PythonLiteral {
        let value = try value()
        skipSpace()
        guard next == bytes.count else { throw fault }
        return value
    }

    private var fault: PythonLiteral.Fault {
        .init(line: 1 + bytes[..<min(next, bytes.count)].count { $0 == UInt8(ascii: "\n") })
    }

    private mutating func skipSpace() {
        while next < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[next]) { next += 1 }
    }

    /// Takes the byte where it is the next one after white space.
    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next < bytes.count, bytes[next] == UInt8(ascii: byte) else { return false }
        next += 1
        return true
    }

    private mutating func value() throws(PythonLiteral.Fault) -> PythonLiteral {
        skipSpace()
        guard next < bytes.count, depth < Self.deepest else { throw fault }
        depth += 1
        defer { depth -= 1 }
        switch bytes[next] {
        case UInt8(ascii: "{"): return .dictionary(try dictionary())
        case UInt8(ascii: "["): return .list(try elements(until: "]"))
        case UInt8(ascii: "("): return .list(try elements(until: ")"))
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return .string(try string())
        default: return try word()
        }
    }

    private mutating func elements(until end: Unicode.Scalar) throws(PythonLiteral.Fault) -> [PythonLiteral] {
        next += 1
        var elements: [PythonLiteral] = []
        while !take(end) {
            elements.append(try value())
            if !take(",") {
                guard take(end) else { throw fault }
                break
            }
        }
        return elements
    }

    private mutating func dictionary() throws(PythonLiteral.Fault) -> [PythonLiteral.Entry] {
        next += 1
        var entries: [PythonLiteral.Entry] = []
        while !take("}") {
            let key = try value()
            guard take(":") else { throw fault }
            entries.append(.init(key: key, value: try value()))
            if !take(",") {
                guard take("}") else { throw fault }
                break
            }
        }
        return entries
    }

    /// A number, or one of the words for true, false and nothing.
    private mutating func word() throws(PythonLiteral.Fault) -> PythonLiteral {
        let start = next
        while next < bytes.count, UnicodeScalar(bytes[next]).isWordCharacter { next += 1 }
        let text = String(decoding: bytes[start..<next], as: UTF8.self)
        switch text {
        case "None", "null": return .none
        case "True", "true": return .boolean(true)
        case "False", "false": return .boolean(false)
        case "u" where next < bytes.count && (bytes[next] == UInt8(ascii: "'") || bytes[next] == UInt8(ascii: "\"")):
            return .string(try string())
        default: break
        }
        if let number = Int(text) { return .integer(number) }
        guard let number = Double(text), !text.contains("x") && !text.contains("X") else {
            next = start
            throw fault
        }
        return .number(number)
    }

    private mutating func string() throws(PythonLiteral.Fault) -> String {
        let quote = bytes[next]
        next += 1
        var text: [UInt8] = []
        while next < bytes.count, bytes[next] != quote {
            let byte = bytes[next]
            if byte == UInt8(ascii: "\n") { break }
            next += 1
            if byte == UInt8(ascii: "\\") { text += try escaped().utf8 } else { text.append(byte) }
        }
        guard next < bytes.count, bytes[next] == quote else { throw fault }
        next += 1
        return String(decoding: text, as: UTF8.self)
    }

    /// What an escape stands for; `next` is after the backslash.
    private mutating func escaped() throws(PythonLiteral.Fault) -> String {
        guard next < bytes.count else { throw fault }
        let letter = UnicodeScalar(bytes[next])
        next += 1
        switch letter {
        case "\\", "'", "\"", "/": return String(letter)
        case "\n": return ""
        case "a": return "\u{07}"
        case "b": return "\u{08}"
        case "f": return "\u{0C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{0B}"
        case "x": return String(character(try digits(2)))
        case "u": return String(character(try pair(digits(4))))
        case "U": return String(character(try digits(8)))
        case "0"..."7":
            next -= 1
            let octal = bytes[next...].prefix(3).prefix { (0x30...0x37).contains($0) }
            next += octal.count
            return String(character(octal.reduce(0) { 8 * $0 + UInt32($1 - 0x30) }))
        default:
            throw fault
        }
    }

    private mutating func digits(_ count: Int) throws(PythonLiteral.Fault) -> UInt32 {
        let digits = String(decoding: bytes[next...].prefix(count), as: UTF8.self)
        guard digits.utf8.count == count, digits.allSatisfy(\.isHexDigit), let code = UInt32(digits, radix: 16) else {
            throw fault
        }
        next += count
        return code
    }

    /// JSON writes characters beyond U+FFFF as two codes, of which the first is `high`.
    private mutating func pair(_ high: UInt32) -> UInt32 {
        guard (0xD800..<0xDC00).contains(high), bytes[next...].starts(with: Array("\\u".utf8)) else { return high }
        let before = next
        next += 2
        if let low = try? digits(4), (0xDC00..<0xE000).contains(low) {
            return 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
        }
        next = before
        return high
    }

    /// Half a pair stands for no character.
    private func character(_ code: UInt32) -> UnicodeScalar { UnicodeScalar(code) ?? "\u{FFFD}" }
}

extension UnicodeScalar {
    fileprivate var isWordCharacter: Bool {
        switch self {
        case "a"..."z", "A"..."Z", "0"..."9", "_", ".", "+", "-": true
        default: false
        }
    }
}
