import ONNX
import Testing

@testable import Network

/// Sentences stay short, whatever names a file has.
@Suite struct WordingTests {
    static let long = String(repeating: "name\u{1B}\u{202E}\n", count: 150_000)
    static let many = [String](repeating: long, count: 50)
    static let shape = try! Shape([Int](repeating: 1, count: 60))

    static let errors: [NetworkError] =
        [
            .node(name: long, operator: long, opset: 17, reason: "axes \([Int](repeating: 7, count: 100_000))"),
            .several([.unresolvedInput(node: long, tensor: long), .noSpatialLayer]),
            .tensor(name: long, reason: "\(long)"), .limit("\(long)"),
            .givenTwice(long, by: "node '\(long)'", and: "node '\(long)'"), .operatorSet("none, node '\(long)'"),
            .unresolvedInput(node: long, tensor: long), .cycle(nodes: many), .cycle(nodes: [long]),
            .noImageInput("input '\(long)'"), .notAPhoto("input '\(long)'"), .noScores("output '\(long)'"),
            .notClasses(output: long, shape: shape, all: false), .mixedBatch(2, node: long),
            .joinedPictures(node: long), .selection(output: long, of: many),
            .unknownOutput(long, nearest: long, outputs: many), .unknownLayer(long, nearest: many),
            .ambiguousLayer(long, matches: many), .layerWithoutMap(long, shape), .layerWithoutTimes(long, samples: 1),
            .layerNotOnPath(long),
            .noKernel(node: long, operator: long, device: "CPU"), .noPrecision(.bf16x3), .noSpatialLayer,
            .inputSize(expected: .max, found: .min), .notRecorded(long),
            .file(.tensor(path: "m.onnx", name: long, .integerTooLarge(.max))),
            .file(
                .externalData(path: "m.onnx", tensor: long, location: long, .number(key: "offset", value: long))),
        ]
        + [
            OperatorFault.unsupported, .missingOperand(1), .count(of: "input", found: 9, allowed: 2...3), .since(20),
            .rank(1, shape, wanted: "a list"), .notConstant(2), .notFloat(3), .noKernel(device: "CPU"),
            .missingAttribute("axis"), .attributeType(long), .cast(to: long), .attribute(long, long), .shape("\(long)"),
        ].map { .node(name: long, operator: long, opset: 17, reason: $0.reason) }

    @Test(arguments: errors.indices)
    func staysShort(_ index: Int) {
        let text = Self.errors[index].description
        #expect(text.unicodeScalars.count <= 300, "\(text)")
        #expect(!text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" || $0 == "\n" }, "\(text)")
        let flags = Self.errors[index].wording.text { _ in "--some-long-name" }
        #expect(flags.unicodeScalars.count <= 300)
    }

    @Test func namesAreWholeWhereThereIsRoom() {
        let name = String(repeating: "a", count: 80)
        #expect(Wording("'\(name)' and '\(name)'").description == "'\(name)' and '\(name)'")
        #expect(Wording("'\(name + "b")'").description == "'" + name.prefix(39) + "..." + name.prefix(37) + "b'")
    }

    @Test func pathsAreWhole() {
        let path = String(repeating: "folder/", count: 100)
        let text = Wording("\(path: path): \(Self.long)").description
        #expect(text.hasPrefix(path + ": name") && text.unicodeScalars.count == path.count + 82)
    }
}
