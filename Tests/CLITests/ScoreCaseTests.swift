import Foundation
import Testing
import TestSupport

@testable import CLI

/// Scores and outputs as the program tells them.
@Suite struct ScoreCaseTests {
    @Test(arguments: [
        ("e2-softmax-clip", "softmax-clip", "output"),
        ("e3-confident-softmax-clip", "softmax-clip-confident", "output"),
        ("e5-concatenated-sigmoids", "sigmoid-heads", "sigmoid"),
    ])
    func saysWhatTheNetworkSays(_ name: String, _ file: String, _ kind: String) throws {
        let folder = Case(name)
        let done = try CaseRun(model: folder.path(file + ".onnx"))
        #expect(done.finished.status == 0 && done.report["scores"] as? String == kind)
        #expect(done.difference("score", from: try folder.numbers("right_scores.txt")) <= 1e-5)
        #expect(
            done.report["output"] as? String == "output" && (done.report["diagnosis"] as? [String])?.isEmpty ?? false)
    }

    /// Very sure of class 3: the probability stands still, the logits do not.
    @Test func mapsAreTakenAtTheLogits() throws {
        let folder = Case("e3-confident-softmax-clip")
        let done = try CaseRun(model: folder.path("softmax-clip-confident.onnx"))
        #expect(maxDifference(done.map, try folder.map("map_at_logits_class3.npy")) <= 1e-3)
        #expect(done.top("score")[3] == 1)
    }

    @Test(arguments: [
        ("m1-embedding-first", "embedding-first", "logits", "features", 4),
        ("m2-bbox-first", "bbox-first", "class", "bbox", 2),
    ])
    func choosesTheOutput(_ name: String, _ file: String, _ output: String, _ other: String, _ top: Int) throws {
        let folder = Case(name)
        let done = try CaseRun(model: folder.path(file + ".onnx"))
        #expect(done.finished.status == 0 && done.report["output"] as? String == output)
        #expect(done.difference("logit", from: try folder.numbers("right_scores.txt")) <= 1e-4)
        #expect((done.report["classes"] as? [[String: Any]])?.first?["index"] as? Int == top)
        #expect((done.report["layer"] as? String) == "f.2.2", "\(done.report["layer"] ?? "")")
        #expect(maxDifference(done.map, try folder.map("right_map.npy")) <= 1e-3)
        let line = "output '\(output)' is taken for the class scores, not '\(other)'; --output NAME chooses another"
        #expect(done.finished.errors.components(separatedBy: line).count == 2, "\(done.finished.errors)")
        let check = try run(program, ["--check", "--model", folder.path(file + ".onnx")])
        #expect(check.status == 0 && check.output.contains(line) && check.output.contains("from '\(output)'"))
        let asked = try CaseRun(model: folder.path(file + ".onnx"), ["--output", other])
        #expect(
            asked.report["output"] as? String == other
                && ["output", "sigmoid"].contains(asked.report["scores"] as? String))
    }

    @Test func embeddingsAreNoClasses() throws {
        let path = Case("outputs").path("unit_length.onnx")
        let check = try run(program, ["--check", "--model", path])
        #expect(check.status == 0 && check.output.contains("can be explained with a reference"), "\(check.output)")
        #expect(check.output.contains("'output' [1, 5]: how alike it is to another photo's (--similar-to)"))
        let result = try run(program, [Case.photo, "--model", path])
        #expect(
            result.status == 3
                && result.errors.contains(
                    "no class scores: output 'output' [1, 5] holds features, boxes or an embedding")
        )
        #expect(result.errors.contains("--output output explains its numbers all the same"))
    }

    /// Per cent only where it is a part of one; a number is shown as it is.
    @Test func numbersAreNoPerCent() throws {
        func text(_ name: String) throws -> Finished {
            let folder = TemporaryFolder()
            return try run(
                program,
                [
                    Case("scores").path("photo.png"), "--model", Case("scores").path(name + ".onnx"), "--outputs",
                    "cam", "--output-dir", folder.path,
                ])
        }
        let regression = try text("regression")
        #expect(
            !regression.output.contains("%") && regression.output.contains("*   9.98   9.98      1"),
            "\(regression.output)")
        #expect(regression.errors.contains("output 'output' is one number: class 1 shows what makes it more"))
        let percent = try text("percent")
        #expect(!percent.output.contains("%") && percent.output.contains("80.52"), "\(percent.output)")
        let averaged = try text("averaged")
        #expect(
            averaged.output.contains("49.18 %")
                && averaged.errors.contains("the scores of 'output' have no single logit a class"))
        #expect(try text("softmax_rounded").output.contains("40.10 %"))
    }

    @Test func whatIsStrangeInScoresIsSaid() throws {
        func lines(_ name: String) throws -> String {
            try run(program, ["--check", "--model", Case("scores").path(name + ".onnx")]).output
        }
        #expect(
            try lines("loss").contains(
                "output 'output' is a loss a class (the negative logarithm of its probability, lower is better): its sign is turned"
            ))
        #expect(
            try lines("softmax_of_batch").contains(
                "the Softmax of output 'output' runs over an axis of one number (as the batch is)"))
        #expect(try lines("many_outputs").contains("not 'head0', 'head1', 'head2', 'head3' and 16 more; --output NAME"))
        #expect(try lines("superclasses").contains("the scores of 'output' have no single logit a class"))
    }

    /// As ONNX Runtime says of these.
    @Test(arguments: ["nan", "nan_clip", "nan_sum"]) func notANumberIsNoZero(_ name: String) throws {
        let done = try CaseRun(model: Case("scores").path(name + ".onnx"))
        #expect(
            (done.report["diagnosis"] as? [String])?.contains { $0.contains("not all finite numbers") } ?? false,
            "\(done.report)")
        let scores = (done.report["classes"] as? [[String: Any]])?.map { $0["score"] }
        #expect(scores?.isEmpty == false && scores!.allSatisfy { $0 is NSNull })
    }
}
