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
            "preprocessing_inside.onnx: can be explained\n",
            "input uint8 [N, 32, 40, 3], channels last, fed 3 x 32 x 40", "scores float32 [N, 5]",
            "5 from 'scores' (softmax), no labels", "40x32, pixels of 0..255, rgb (the network)", "Relu, 8 x 8 x 10",
            "ok  Conv  ", "scores in ",
        ] { #expect(result.output.contains(text), "\(text)") }
    }

    @Test func tellsWhereDescriptionsComeFrom() throws {
        let path = folder.write(bytes(smallModel), to: "net.onnx")
        folder.write(Array(#"{"mean": [0.5], "std": [0.5]}"#.utf8), to: "net.json")
        folder.write(Array((0..<10).map { "class \($0)\n" }.joined().utf8), to: "net.labels.txt")
        let result = try run(program, ["--check", "--model", path])
        #expect(result.status == 0)
        #expect(
            result.output.contains("mean 0.5,0.5,0.5, std 0.5,0.5,0.5 (")
                && result.output.contains("(\(folder.path)/net.json)"))
        #expect(result.output.contains("labels from \(folder.path)/net.labels.txt"))
        #expect(
            try run(program, ["--check", "--model", path, "--mean", "0.1"]).output.contains(
                "mean 0.1,0.1,0.1, std 0.5,0.5,0.5 (the options, \(folder.path)/net.json)"))
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
        #expect(
            result.output.contains("odd.onnx: cannot be explained, for 2 reasons\n")
                && result.output.contains("NO  MuxPool"))
        #expect(result.errors.split(separator: "\n").count == 2)
        for text in ["node 'maxpool_4' (MuxPool, opset 13)", "node 'flatten_8' (Flutter, opset 13)"] {
            #expect(result.errors.contains(text), "\(result.errors)")
        }
        let explained = try run(program, [try folder.photo("cat.jpg"), "--model", path])
        #expect(explained.status == 3 && explained.errors.contains("and 1 more: --check names them all"))
    }

    /// A file each that cannot be explained, and what a person reads about it.
    static let odd: [(file: String, reason: String)] = [
        (
            "two_inputs",
            "besides the photo ('photo') the network has inputs that nothing is given for: size float32 [1]; give each of them numbers, an .npy file or a picture (--input)"
        ),
        ("detector", "no class scores: the outputs are map [1, 2, 6, 6], boxes [12, 6]"),
        ("empty", "no class scores: the file has no output"),
        ("vector", "no image input: input 'photo' is [N, 2]; export the network with one image input"),
        ("without_map", "no layer of the network is a map over the photo"),
        (
            "other_size",
            "the outputs are scores [1369, 72] for one photo; if the network was exported for another input size, give that one (--input-size)"
        ),
        (
            "cut",
            "node 'the conv' reads 'nowhere', which no node before it produces: the file is damaged or was cut by hand"
        ),
        ("loop", "node 'the loop' (Loop, opset 13): loops are not supported; export with fixed shapes"),
        ("recurrent", "node 'the lstm' (LSTM, opset 13): recurrent layers are not supported"),
        (
            "custom_domain",
            "node 'the deformableattention' (mmdeploy.DeformableAttention, opset 13): an operator of the domain 'mmdeploy', which is not ONNX's own; export"
        ),
        (
            "optimised",
            "node 'the nhwcmaxpool' (com.microsoft.NhwcMaxPool, opset 13): an operator that ONNX Runtime's optimiser writes"
        ),
        (
            "random",
            "node 'the randomuniformlike' (RandomUniformLike, opset 13): random numbers belong to training; export the network in eval mode"
        ),
        ("training", "node 'the batchnormalization' (BatchNormalization, opset 15): it is in training mode"),
        (
            "computed_weights",
            "node 'the conv' (Conv, opset 13): operand 1 is computed at run time, but only a constant is supported there"
        ),
        (
            "odd_attribute",
            "node 'the resize' (Resize, opset 13): attribute 'mode' = area is not supported; export the network without it"
        ),
        ("float8", "tensor 'factor' is of type float8e4m3fn, which is not supported; export the model in float32"),
        (
            "several_alike",
            "node 'the foo' (Foo, opset 13): this operator is not supported; rewrite the network without it, or report the file (and 2 more nodes like it)"
        ),
        (
            "condition",
            "node 'the if' (If, opset 13): its condition is computed at run time, but only a constant is supported there"
        ),
    ]

    @Test(arguments: odd.map(\.file))
    func tellsWhyAFileCannotBeExplained(_ file: String) throws {
        let path = Golden.folder + "/odd/\(file).onnx"
        let reason = try #require(Self.odd.first { $0.file == file }).reason
        let result = try run(program, ["--check", "--model", path])
        #expect(result.status == 3)
        #expect(result.errors.contains(reason), "\(result.errors)")
        #expect(
            result.errors.split(separator: "\n").count == 1
                && result.errors.components(separatedBy: ".onnx: ").count == 2, "\(result.errors)")
        let explained = try run(program, [try folder.photo("cat.jpg"), "--model", path, "--output-dir", folder.path])
        #expect(
            explained.status == 3
                && explained.errors.contains(reason.replacing(" (and 2 more nodes like it)", with: "")),
            "\(explained.errors)")
    }

    @Test func oddFilesAreAllThere() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Golden.folder + "/odd")
        #expect(Set(files) == Set(Self.odd.map { $0.file + ".onnx" }))
    }

    /// What is unsupported but stands after the scores is no fault; the table there gives the labels.
    @Test func operatorsBehindTheScoresAreNotNeeded() throws {
        let result = try run(program, ["--check", "--model", foreign + "label_and_table.onnx"])
        #expect(result.status == 0)
        #expect(
            result.output.contains("not needed  ai.onnx.ml.ZipMap")
                && result.output.contains("labels from the table at the network's end"))
        let unusual = try run(program, ["--check", "--model", Golden.folder + "/odd/computed_weights.onnx"])
        #expect(unusual.output.contains("NO, as used  Conv"))
    }

    @Test func outputIsChosenByName() throws {
        let photo = try folder.photo("cat.jpg")
        let common = [photo, "--outputs", "cam", "--json", "--output-dir", folder.path]
        let chosen = try objects(
            try explain(common + ["--output", "auxiliary"], model: foreign + "several_outputs.onnx"))
        #expect((chosen.first?["top"] as? [Any])?.count == 3)
        let wrong = try explain(common + ["--output", "nonsense"], model: foreign + "several_outputs.onnx")
        #expect(
            wrong.status == 2
                && wrong.errors.contains(
                    "no output, tensor or node 'nonsense' (--list-layers names the nodes of maps; the outputs are "
                        + "features [1, 8, 8, 10], auxiliary [1, 3], scores [1, 5])")
        )
    }

    private func replaced(_ bytes: [UInt8], _ old: String, _ new: String) -> [UInt8] {
        let (old, new) = (Array(old.utf8), Array(new.utf8))
        var result = bytes
        for start in 0...(bytes.count - old.count) where Array(bytes[start..<start + old.count]) == old {
            result.replaceSubrange(start..<start + new.count, with: new)
        }
        return result
    }
}
