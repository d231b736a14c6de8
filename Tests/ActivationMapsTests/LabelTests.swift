import Foundation
import Testing
import TestSupport

@testable import ActivationMaps

struct LabelTests {
    enum Right: Decodable {
        case labels([String]), reason(String)

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            self =
                if let reason = try? value.decode(String.self) { .reason(reason) } else {
                    .labels(try value.decode([String].self))
                }
        }
    }

    static let right: [String: Right] = {
        let data = FileManager.default.contents(atPath: Case("label-files").path("right.json")) ?? Data()
        return (try? JSONDecoder().decode([String: Right].self, from: data)) ?? [:]
    }()

    /// Files that Python's json, pprint, csv and yaml wrote or read: the labels, or why there are none.
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

    @Test func thereAreFiles() { #expect(Self.right.count == 93) }

    @Test(arguments: [
        ("", []), ("\n\n", []), ("cat", ["cat"]), ("\ncat\n\ndog\n \n", ["cat", "dog"]), ("cat\n\"\"\n", ["cat", ""]),
        ("\u{A0}cat\u{3000}\n\u{A0}\ndog", ["cat", "dog"]), ("0 cat", ["0 cat"]), ("0,cat", ["0,cat"]),
        ("cat,", ["cat,"]), ("a\u{2028}b", ["a b"]), ("[]", []), ("{}", []), ("\u{FEFF}cat\r\ndog", ["cat", "dog"]),
        ("'dog's'", ["'dog's'"]),
    ])
    func oddTexts(_ text: String, _ labels: [String]) throws { #expect(try parseLabels(text) == labels) }

    @Test(
        arguments: [
            ([], []), ([0xEF, 0xBB, 0xBF], []), ([0xFF, 0xFE], []), ([0xFF, 0xFE, 0x41], []),
            ([0xFF, 0xFE, 0x41, 0x00, 0x42], Array("A".utf8)),
            ([0xFE, 0xFF, 0xD8, 0x3D, 0xDE, 0x00], Array("\u{1F600}".utf8)),
            ([0xFE, 0xFF, 0xD8, 0x3D], Array("\u{FFFD}".utf8)), ([0xFF, 0x41], [0xFF, 0x41]),
        ] as [([UInt8], [UInt8])])
    func byteOrderMarks(_ bytes: [UInt8], _ text: [UInt8]) { #expect(utf8(of: bytes) == text) }

    /// A million lines take time in proportion, whatever stands in them.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "label NUMBER", "NUMBER label NUMBER", "label NUMBER,NUMBER", "id,name\nNUMBER,label NUMBER",
            "- label NUMBER", "9 x", "- ",
        ])
    func manyLines(_ form: String) throws {
        let parts = form.split(separator: "\n")
        let head = parts.dropLast().map { $0 + "\n" }.joined(), line = parts.last! + "\n"
        let count = amount(1_000_000, debug: 10_000)
        let text =
            head
            + (0..<count).map {
                line.split(separator: "NUMBER", omittingEmptySubsequences: false).joined(separator: "\($0)")
            }.joined()
        let start = ContinuousClock.now
        let labels = try parseLabels(text)
        let took = ContinuousClock.now - start
        #expect(labels.count == count && took < .seconds(5), "\(took)")
    }
}

/// Files that are no text, or none that ends.
struct TextFileTests {
    private let folder = NSTemporaryDirectory() + "text-file-\(UUID().uuidString)"

    private func reason(_ path: String) -> String? {
        if case .failure(let fault) = readText(path) { fault.reason.description } else { nil }
    }

    @Test(.timeLimit(.minutes(1))) func refusesWhatIsNoSmallFile() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let pipe = folder + "/pipe.labels.txt", device = folder + "/config.json", large = folder + "/large.json",
            text = folder + "/text.json"
        #expect(mkfifo(pipe, 0o600) == 0)
        try FileManager.default.createSymbolicLink(atPath: device, withDestinationPath: "/dev/zero")
        #expect(FileManager.default.createFile(atPath: large, contents: nil))
        #expect(truncate(large, 16_000_001) == 0)
        #expect(FileManager.default.createFile(atPath: text, contents: Data([0xEF, 0xBB, 0xBF, 0x41])))
        for path in [pipe, device] {
            #expect(reason(path) == "cannot be read: a pipe, device or socket; give a regular file")
        }
        #expect(reason(folder) == "cannot be read: Is a directory")
        #expect(reason(large) == "cannot be read: more than 16 MB; no labels or settings are that long")
        #expect(reason(folder + "/none") == "cannot be read: No such file or directory")
        #expect(try readText(text).get() == "A")
        #expect(truncate(large, 16_000_000) == 0)
        #expect(try readText(large).get().utf8.count == 16_000_000)
    }
}
