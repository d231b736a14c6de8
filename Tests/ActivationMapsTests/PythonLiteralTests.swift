import Foundation
import Testing
import TestSupport

@testable import ActivationMaps

struct PythonLiteralTests {
    /// Values that Python wrote as a repr and as JSON: both read alike, and as Foundation reads the JSON.
    @Test func readsWhatPythonWrites() throws {
        let text = try String(contentsOfFile: Case("python-literals").path("literals.txt"), encoding: .utf8)
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.count == 450)
        for start in stride(from: 0, to: lines.count - 2, by: 3) {
            let right =
                try JSONSerialization.jsonObject(with: Data(lines[start + 1].utf8), options: .fragmentsAllowed)
                as! NSObject
            for line in lines[start..<start + 3] {
                let read = try PythonLiteral(line).foundation
                #expect(read == right, "\(line)")
            }
        }
    }

    @Test(arguments: [
        (
            "{0: 'tench', 1: \"dog's friend\",}",
            PythonLiteral.dictionary([
                .init(key: .integer(0), value: .string("tench")),
                .init(key: .integer(1), value: .string("dog's friend")),
            ])
        ),
        (" [224, 320]\n", .list([.integer(224), .integer(320)])), ("(224,)", .list([.integer(224)])), ("()", .list([])),
        (
            "{0: u'a',\n 0: 'b'}",
            .dictionary([.init(key: .integer(0), value: .string("a")), .init(key: .integer(0), value: .string("b"))])
        ),
        (#"'\x41\101\u00e9\U0001F600\a\b\f\v\0'"#, .string("AA\u{E9}\u{1F600}\u{07}\u{08}\u{0C}\u{0B}\0")),
        (#""\ud83d\ude00\/""#, .string("\u{1F600}/")), (#"'\ud83d!'"#, .string("\u{FFFD}!")),
        ("-inf", .number(-.infinity)),
        ("123456789012345678901234567890", .number(1.2345678901234568e29)),
    ])
    func reads(_ text: String, _ right: PythonLiteral) throws { #expect(try PythonLiteral(text) == right) }

    @Test(arguments: [
        ("", 1), ("{", 1), ("{0: 'a'", 1), ("{0 'a'}", 1), ("['a'\n 'b']", 2), ("[1]]", 1), ("'a", 1), ("'a\nb'", 1),
        (#"'\"#, 1), (#"'\x4'"#, 1), (#"'\u-001'"#, 1),
        ("array([1])", 1), ("{1, 2}", 1), ("0x10", 1), ("1_0", 1), ("[1,\n2,\n]x", 3), ("cat", 1),
        (String(repeating: "[", count: 100), 1), (",", 1), ("[,]", 1),
    ])
    func refuses(_ text: String, _ line: Int) {
        #expect(throws: PythonLiteral.Fault(line: line)) { try PythonLiteral(text) }
    }

    @Test func lastOfTwoEqualKeysHolds() throws { #expect(try PythonLiteral("{'a': 1, 'a': 2}")["a"] == .integer(2)) }
}

extension PythonLiteral {
    fileprivate var foundation: NSObject {
        switch self {
        case .none: NSNull()
        case .boolean(let value): NSNumber(value: value)
        case .integer(let number): NSNumber(value: number)
        case .number(let number): NSNumber(value: number)
        case .string(let text): text as NSString
        case .list(let elements): elements.map(\.foundation) as NSArray
        case .dictionary(let entries):
            Dictionary(entries.map { ($0.key.string ?? "not a string", $0.value.foundation) }) { $1 } as NSDictionary
        }
    }
}
