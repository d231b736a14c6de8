import Foundation
import Testing
import TestSupport

@testable import CLI

/// Cases of how files are read, through the program: nodes in any order, inputs of other forms, large integers, and
/// what is refused.
@Suite struct ImportCaseTests {
    /// Mean and deviation 0.5.
    private static let unit = ["--mean", ".5", "--std", ".5"]

    /// Files that can be explained: the scores are PyTorch's, or ONNX Runtime's where integers are in the file.
    @Test(arguments: [
        "order-half-precision", "order-reversed", "order-function-and-branch",
        "input-grey-of-one", "input-grey-reshaped", "input-grey-batch-of-four", "input-colour-last-without-batch",
        "input-colour-without-batch", "whole-batch-apart", "integers-bias-per-channel", "integers-slice-to-the-end",
    ])
    func scoresAreRight(_ name: String) throws {
        let single = Case(name)
        let run = try CaseRun(model: single.path("model.onnx"), Self.unit)
        #expect(run.finished.status == 0, "\(run.finished.errors)")
        let right = try single.numbers("right_scores.txt")
        #expect(
            run.difference("logit", from: right) <= 1e-4 * max(1, right.map(abs).max()!),
            "\(run.top("logit")) for \(right)")
        #expect(!run.map.isEmpty)
    }

    /// Files that leave the size open: the photo's own is given.
    @Test(arguments: ["input-grey-open", "input-grey-open-channels", "input-colour-open-last"])
    func scoresAreRightAtTheGivenSize(_ name: String) throws {
        let single = Case(name)
        let run = try CaseRun(model: single.path("model.onnx"), Self.unit + ["--input-size", "96"])
        #expect(run.difference("logit", from: try single.numbers("right_scores.txt")) <= 1e-4, "\(run.finished.errors)")
    }

    @Test func greyPhotosWithoutAChannelAxisAreTheBatchs() throws {
        let run = try CaseRun(model: Case("k13-no-channel-axis").path("no-channel-axis.onnx"), Self.unit)
        #expect(
            run.finished.status == 0 && run.top("logit").count == 5 && run.map.count == 96 * 96,
            "\(run.finished.errors)")
        let check = try gradcam(["--check", "--model", Case("k13-no-channel-axis").path("no-channel-axis.onnx")])
        #expect(
            check.output.contains("input float32 [N, 96, 96], without a channel axis, fed 1 x 96 x 96"),
            "\(check.output)")
    }

    /// The mean of what lies under a window that is larger than the map: Hugging Face's EfficientNets, which divide by
    /// their deviation twice.
    @Test func efficientNetsPoolingHoldsTheWholeMap() throws {
        let single = Case("real-hf-efficientnet-avgpool")
        let run = try CaseRun(
            model: single.path("model.onnx"), photo: Case.folder + "/square224.png",
            [
                "--mean", ".485,.456,.406", "--std", ".229,.224,.225", "--target-layer",
                "efficientnet.encoder.top_activation",
            ])
        let right = try JSONDecoder().decode(
            Right.self, from: Data(contentsOf: URL(fileURLWithPath: single.path("right.json"))))
        #expect(run.difference("logit", from: right.square224Logits!) <= 1e-3, "\(run.finished.errors)")
        let map = try single.map("square224_cam.npy")
        #expect(run.map.count == map.count && zip(run.map, map).allSatisfy { abs($0 - $1) <= 2e-3 })
    }

    @Test func biasesBeyondAFloatsWholeNumbersAreDequantised() throws {
        let single = Case("real-ort-qdq-uint16")
        let run = try CaseRun(model: single.path("model.onnx"), photo: Case.folder + "/square224.png", Self.unit)
        let right = try JSONDecoder().decode(
            Right.self, from: Data(contentsOf: URL(fileURLWithPath: single.path("right.json"))))
        #expect(
            run.difference("logit", from: right.logitsOnnxruntime!) <= 0.02,
            "\(run.top("logit")) \(run.finished.errors)")
    }

    /// Ultralytics' half-precision export, where it is there: its licence keeps it out of this repository.
    @Test(
        .enabled(
            if: FileManager.default.fileExists(
                atPath: Shared.repository + "/../shared/cases/real-ultralytics-half/best.onnx")))
    func halfPrecisionOfUltralytics() throws {
        let folder = Shared.repository + "/../shared/cases/real-ultralytics-half/"
        let run = try CaseRun(
            model: folder + "best.onnx", photo: folder + "square96.png",
            ["--mean", "0", "--std", "1", "--target-layer", "model.9.conv"])
        // ONNX Runtime's, which computes in float16.
        #expect(
            run.difference("score", from: [0.03449286, 0.07715001, 0.8883571]) <= 1e-3,
            "\(run.top("score")) \(run.finished.errors)")
        let map = try readNPY(folder + "square96_cam_model.9.conv_float32.npy")
        #expect(run.map.count == map.count && zip(run.map, map).allSatisfy { abs($0 - $1) <= 0.03 })
    }

    private struct Right: Decodable {
        let square224Logits, logitsOnnxruntime: [Float]?
        enum CodingKeys: String, CodingKey {
            case square224Logits = "square224_logits", logitsOnnxruntime = "logits_onnxruntime"
        }
    }

    /// Networks whose output has several axes: the class that wins the most pixels is explained, and said.
    @Test(arguments: [
        ("whole-segmentation", "output 'output' [1, 5, 96, 96] is taken for a segmentation of 5 classes"),
        ("whole-segmentation-classes", "is taken for a segmentation of 5 classes"),
        ("whole-segmentation-depth", "output 'output' [1, 1, 96, 96] is taken for a segmentation of 2 classes"),
    ])
    func segmentationsAreExplained(_ name: String, _ line: String) throws {
        let model = Case(name).path("model.onnx")
        let run = try CaseRun(model: model, Self.unit)
        #expect(run.finished.status == 0 && run.finished.errors.contains(line), "\(run.finished.errors)")
        #expect(run.report["scores"] as? String == "share" && run.map.count == 96 * 96)
        #expect(abs(run.top("score").values.reduce(0, +) - 1) < 1e-5, "\(run.top("score"))")
        let check = try gradcam(["--check", "--model", model])
        #expect(
            check.status == 0 && check.output.contains("classes, over the pixels where each wins (--target-category)"),
            "\(check.output)")
    }

    /// Signals, as frameworks lay them out: channels, and times where the file states them.
    @Test(arguments: [
        ("m7-signal-as-photo/ecg-12-lead", 12, 500), ("input-signal-channels-last/model", 12, 500),
        ("input-signal-line/model", 1, 1000), ("input-signal-keras/model", 12, 500),
    ])
    func signalsAreExplained(_ file: String, _ channels: Int, _ times: Int) throws {
        let folder = TemporaryFolder(), model = Case.folder + "/\(file).onnx"
        let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (\(channels), \(times)), }"
        let numbers = (0..<channels * times).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }
        let signal = folder.write(
            Array("\u{93}NUMPY".unicodeScalars.map { UInt8($0.value) }) + [1, 0, 118, 0]
                + Array(header.utf8) + [UInt8](repeating: 32, count: 117 - header.utf8.count) + [10] + numbers,
            to: "signal.npy")
        let run = try gradcam([signal, "--model", model, "-o", folder.path, "--save-map", "--method", "gradcam,guided"])
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.contains("signals of \(channels) channel") && run.errors.contains(" \(times) samples"))
        let check = try gradcam(["--check", "--model", model])
        #expect(check.output.contains("a signal of \(channels) channel"), "\(check.output)")
    }

    /// Files that cannot be explained, and every reason that `--check` gives, in order.
    static let refused: [(file: String, reasons: [String])] = [
        (
            "input-signal-lstm/model",
            ["input 'input' is [N, 500, 12], a sequence, which a recurrent layer reads (node '/r/LSTM')"]
        ),
        (
            "input-signal-gru/model",
            ["input 'input' is [1, 50, 12], a sequence, which a recurrent layer reads (node '/r/GRU')"]
        ),
        ("input-video/model", ["input 'input' is [1, 3, 8, 32, 32], a video or a volume; a map is laid over a photo"]),
        ("order-cycle/model", ["nodes '/f/f.0/Conv', '/f/f.2/Conv', '/f/f.1/Relu' wait for one another in a circle"]),
        ("whole-mirror-joined/model", ["node '/Concat' joins several pictures of the photo"]),
        ("whole-crops-joined/model", ["node '/Concat' joins several pictures of the photo"]),
        (
            "whole-batch-pair/model",
            [
                "node '/Gather_1' (Gather, opset 17): the file is written for 2 photos at a time, which are not apart here (index 1 is outside axis 0 of [1, 3]); export"
            ]
        ),
        (
            "whole-batch-row/model",
            ["the file is written for 2 photos at a time, and node '/Reshape' puts them together"]
        ),
        (
            "whole-batch-mean/model",
            ["the file is written for 2 photos at a time, and node '/ReduceMean' puts them together"]
        ),
        (
            "whole-batch-attention/model",
            ["the file is written for 2 photos at a time, and node '/MatMul' puts them together"]
        ),
        (
            "whole-detector/model",
            [
                "no class scores: output 'output' [1, 9216, 5] is numbers of many boxes or tokens (as detectors give them), not one score a class"
            ]
        ),
        (
            "whole-segmentation-and-more/model",
            [
                "output 'output' [1, 5, 96, 96] is a map of classes over the photo",
                "node '/f/f.1/Relu' (Bogus, opset 17): this operator is not supported",
            ]
        ),
        (
            "unreadable-attribute-tensor/model",
            [
                "node 'ones' (Constant, opset 17): ",
                "(Bogus, opset 17): this operator is not supported; rewrite the network without it, or report the file (and 1 more nodes like it)",
            ]
        ),
        (
            "unreadable-attribute-type/model",
            [
                "(Conv, opset 17): attribute 'strides' is of the wrong type",
                "(Bogus, opset 17): this operator is not supported",
            ]
        ),
        (
            "unreadable-weights/model",
            ["tensor 'factor' is of type float8e4m3fn", "(Bogus, opset 17): this operator is not supported"]
        ),
    ]

    @Test(arguments: refused.map(\.file))
    func tellsWhyAFileIsRefused(_ file: String) throws {
        let reasons = try #require(Self.refused.first { $0.file == file }).reasons
        let result = try gradcam(["--check", "--model", "\(Case.folder)/\(file).onnx"])
        let lines = result.errors.split(separator: "\n")
        #expect(result.status == 3 && lines.count == reasons.count, "\(result.errors)")
        for (line, reason) in zip(lines, reasons) { #expect(line.contains(reason), "\(line)") }
        let explained = try CaseRun(model: "\(Case.folder)/\(file).onnx")
        #expect(
            explained.finished.status == 3 && explained.finished.errors.contains(reasons[0]),
            "\(explained.finished.errors)")
    }

    private func gradcam(_ words: [String]) throws -> Finished { try run(program, words) }
}
