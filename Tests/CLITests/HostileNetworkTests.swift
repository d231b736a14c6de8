import Testing
import TestSupport

@testable import CLI

/// Networks that ask for what cannot be: the program says so in one line, within a second, or passes over the node where
/// nothing needs it.
@Suite struct HostileNetworkTests {
    private static let folder = Shared.repository + "/Tests/Goldens/hostile/"

    /// A file and what is said of it; nil where the scores need nothing of what is wrong.
    @Test(
        arguments: [
            ("conv-pad-least", "node 'MaxPool_3' (MaxPool, opset 17): kernel [1, 1], strides"),
            ("empty-argmax", nil), ("empty-batch-norm", nil), ("empty-concat", nil), ("empty-gather", nil),
            ("empty-gathernd", nil), ("empty-rmsnormalization", nil), ("empty-softmax", nil), ("empty-split", nil),
            ("empty-transpose", nil), ("pad-of-nothing", nil), ("resize-of-2e62", nil), ("split-of-2e61", nil),
            ("one-hot-fractions", nil),
            ("empty-axes-1", "shape [1, 2147483648, 4611686018427387904, 16, 0], which cannot be computed"),
            ("empty-constant", "shape [9223372036854775807, 2147483648, 0, 1], which cannot be computed"),
            ("function-of-itself", "more than 64 deep in one another"),
            ("functions-2e40", "3298534883335 nodes"), ("no-classes", "no class scores: the outputs are z [0, 0]"),
            ("input-greatest", "tensor 'image_': a tensor would be of shape [1, 3, 9223372036854775807"),
            ("pad-greatest", "beyond what can be counted"), ("split-greatest", "beyond what can be counted"),
        ] as [(String, String?)])
    func isTold(_ name: String, _ reason: String?) throws {
        let file = Self.folder + name + ".onnx"
        let clock = ContinuousClock(), start = clock.now
        let result = try run(program, ["--check", "--quiet", "--model", file, "--threads", "1"])
        #expect(result.status == (reason == nil ? 0 : 3), "\(result.status) \(result.errors)")
        #expect(clock.now - start < .seconds(amount(5, debug: 30)))
        guard let reason else { return }
        let lines = result.errors.split(separator: "\n")
        #expect(lines.count == 1 && lines[0].hasPrefix("gradcam: \(file): ") && lines[0].contains(reason), "\(lines)")
    }

    /// Float indices of OneHot are those of int64 that they are cast to: 0.7 is 0.
    @Test func fractionsAreIndices() throws {
        let result = try run(
            program,
            [Case.photo, "--model", Self.folder + "one-hot-fractions.onnx", "--outputs", "cam", "--json"]
                + ["--output-dir", TemporaryFolder().path])
        #expect(result.status == 0, "\(result.errors)")
    }

    /// Every limit is named, with what the network asks for and the flag that sets it.
    @Test(arguments: [
        ("--max-elements", "1000", "would hold"), ("--max-nodes", "5", "nodes"),
        ("--max-operations", "1K", "multiplications an image, and 1000 are allowed"),
    ])
    func limitsAreTheUsers(_ flag: String, _ limit: String, _ reason: String) throws {
        let words = ["--check", "--model", Shared.repository + "/Models/catdog.onnx"]
        let result = try run(program, words + [flag, limit])
        #expect(
            result.status == 3 && result.errors.contains(reason) && result.errors.contains(flag), "\(result.errors)")
        #expect(result.errors.split(separator: "\n").count == 1)
        #expect(try run(program, words + [flag, "100G"]).status == 0)
        for wrong in ["", "0", "-1", "many", "1e99"] { #expect(try run(program, words + [flag, wrong]).status == 2) }
    }

    @Test func nestingIsLimited() throws {
        let words = ["--check", "--model", Self.folder + "functions-nested.onnx"]
        #expect(try run(program, words).status == 0)
        let result = try run(program, words + ["--max-nesting", "1"])
        #expect(result.status == 3 && result.errors.contains("--max-nesting"), "\(result.errors)")
    }
}
