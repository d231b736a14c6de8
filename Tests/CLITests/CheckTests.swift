import Foundation
import Testing
import TestSupport

@testable import CLI

/// `--check` and `--output`.
@Suite struct CheckTests {
    let folder = TemporaryFolder()
    private let foreign = Golden.folder + "/foreign/"

    @Test func tellsOfAModelThatCanBeExplained() throws {
        let result = try run(program, ["--check", "--model", foreign + "preprocessing_inside.onnx"])
        #expect(result.status == 0 && result.errors == "")
        for text in [
            "preprocessing_inside.onnx: can be explained\n", "input uint8 [N, 32, 40, 3], channels last, fed 3 x 32 x 40", "scores float32 [N, 5]",
            "5 from 'scores' (softmax), no labels", "from the network, which takes pixels of 0..255", "Relu, 8 x 8 x 10", "ok  Conv  ", "scores in ",
        ] { #expect(result.output.contains(text), "\(text)") }
    }

    @Test func tellsWhereDescriptionsComeFrom() throws {
        let path = folder.write(bytes(smallModel), to: "net.onnx")
        folder.write(Array(#"{"mean": [0.5], "std": [0.5]}"#.utf8), to: "net.json")
        folder.write(Array((0..<10).map { "class \($0)\n" }.joined().utf8), to: "net.labels.txt")
        let result = try run(program, ["--check", "--model", path])
        #expect(result.status == 0)
        #expect(result.output.contains("mean 0.5, std 0.5, ") && result.output.contains("from \(folder.path)/net.json"))
        #expect(result.output.contains("labels from \(folder.path)/net.labels.txt"))
        #expect(try run(program, ["--check", "--model", path, "--mean", "0.1"]).output.contains("from the options"))
    }

    /// A file with two operators that are not there: both are named, with their nodes.
    @Test func namesEveryReason() throws {
        var model = bytes(foreign + "plain.onnx")
        // Operators of the same length, so that no length in the file changes.
        model = replaced(model, "\u{7}MaxPool", "\u{7}MuxPool")
        model = replaced(model, "\u{7}Flatten", "\u{7}Flutter")
        let path = folder.write(model, to: "odd.onnx")
        let result = try run(program, ["--check", "--model", path])
        #expect(result.status == 3)
        #expect(result.output.contains("odd.onnx: cannot be explained, for 2 reasons\n") && result.output.contains("NO  MuxPool"))
        #expect(result.errors.split(separator: "\n").count == 2)
        for text in ["node 'maxpool_4' (MuxPool, opset 13)", "node 'flatten_8' (Flutter, opset 13)"] { #expect(result.errors.contains(text), "\(result.errors)") }
        let explained = try run(program, [try folder.photo("cat.jpg"), "--model", path])
        #expect(explained.status == 3 && explained.errors.contains("and 1 more: --check names them all"))
    }

    @Test func outputIsChosenByName() throws {
        let photo = try folder.photo("cat.jpg")
        let common = [photo, "--outputs", "cam", "--json", "--output-dir", folder.path]
        let chosen = try objects(try explain(common + ["--output", "scores"], model: foreign + "several_outputs.onnx"))
        #expect((chosen.first?["top"] as? [Any])?.count == 5)
        let wrong = try explain(common + ["--output", "nonsense"], model: foreign + "several_outputs.onnx")
        #expect(wrong.status == 2 && wrong.errors.contains("no output 'nonsense'; the outputs are features [1, 8, 8, 10], auxiliary [1, 3], scores [1, 5]"))
    }

    private func replaced(_ bytes: [UInt8], _ old: String, _ new: String) -> [UInt8] {
        let (old, new) = (Array(old.utf8), Array(new.utf8))
        var result = bytes
        for start in 0...(bytes.count - old.count) where Array(bytes[start..<start + old.count]) == old { result.replaceSubrange(start..<start + new.count, with: new) }
        return result
    }
}
