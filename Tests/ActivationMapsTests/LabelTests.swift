import Foundation
import Testing
import TestSupport

@testable import ActivationMaps

struct LabelTests {
    enum Right: Decodable {
        case labels([String]), reason(String)

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            self = if let reason = try? value.decode(String.self) { .reason(reason) } else { .labels(try value.decode([String].self)) }
        }
    }

    static let right: [String: Right] = {
        let data = FileManager.default.contents(atPath: Case("label-files").path("right.json")) ?? Data()
        return (try? JSONDecoder().decode([String: Right].self, from: data)) ?? [:]
    }()

    /// Files that Python's json, pprint and csv wrote: the labels, or why there are none.
    @Test(arguments: right.keys.sorted())
    func readsFilesAsPeopleHaveThem(_ file: String) throws {
        let text = try readText(Case("label-files").path(file)).get()
        switch try #require(Self.right[file]) {
        case .labels(let labels):
            #expect(try parseLabels(text, of: file) == labels)
        case .reason(let reason):
            let error = #expect(throws: ModelError.self) { try parseLabels(text, of: file, isOption: true) }
            #expect(error?.description.hasPrefix("\(file): \(reason)") == true, "\(error?.description ?? "none")")
        }
    }

    @Test func thereAreFiles() { #expect(Self.right.count == 45) }

    @Test(arguments: [("", []), ("\n\n", []), ("cat", ["cat"]), ("cat\n\ndog\n \n", ["cat", "", "dog"]), ("0 cat", ["0 cat"]), ("[]", []), ("{}", []), ("\u{FEFF}cat\r\ndog", ["cat", "dog"]), ("'dog's'", ["'dog's'"])])
    func oddTexts(_ text: String, _ labels: [String]) throws { #expect(try parseLabels(text) == labels) }

    @Test(arguments: [
        ([], []), ([0xEF, 0xBB, 0xBF], []), ([0xFF, 0xFE], []), ([0xFF, 0xFE, 0x41], []), ([0xFF, 0xFE, 0x41, 0x00, 0x42], Array("A".utf8)),
        ([0xFE, 0xFF, 0xD8, 0x3D, 0xDE, 0x00], Array("\u{1F600}".utf8)), ([0xFE, 0xFF, 0xD8, 0x3D], Array("\u{FFFD}".utf8)), ([0xFF, 0x41], [0xFF, 0x41]),
    ] as [([UInt8], [UInt8])])
    func byteOrderMarks(_ bytes: [UInt8], _ text: [UInt8]) { #expect(utf8(of: bytes) == text) }
}
