import ActivationMaps
import Foundation
import Imaging
import Network
import Testing
import TestSupport

@testable import CLI

/// `--precision`: with AMX in plain C, and where there is none.
@Suite struct PrecisionTests {
    private let words = [
        Shared.repository + "/Photos/cat.jpg", "--model", Shared.repository + "/Models/catdog.onnx", "--outputs",
        "none",
        "--json",
    ]

    private func report(_ more: [String]) throws -> (report: [String: Any], errors: String) {
        let done = try run(program, words + more, environment: ["GRADCAM_KERNELS": "amx-emulated"])
        #expect(done.status == 0, "\(done.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(done.output.utf8))
        return (try #require(object as? [String: Any]), done.errors)
    }

    @Test(arguments: [[], ["--precision", "float32"]])
    func nothingIsMeasuredUnlessAskedFor(_ flags: [String]) throws {
        let (report, _) = try report(flags)
        #expect(report["precision"] as? String == (flags.last ?? "bf16x3"))
        #expect(report["precision_loss"] is NSNull)
    }

    /// Both differ from float32, the second one by much more, and say so.
    @Test func whatItCostsIsTold() throws {
        var scores: [Double] = []
        for precision in ["bf16x3", "bf16"] {
            let (report, errors) = try report(["--precision", precision])
            #expect(report["precision"] as? String == precision)
            let loss = try #require(report["precision_loss"] as? [String: Any])
            scores.append(try #require(loss["scores"] as? Double))
            #expect(loss["same_best"] as? Bool == true)
            let map = try #require(loss["map"] as? Double)
            #expect(map > 0 && map < (precision == "bf16" ? 0.05 : 5e-4))
            let note = try #require((report["diagnosis"] as? [String])?.last)
            #expect(note.hasPrefix("\(precision) against float32: scores differ by up to 0."))
            #expect(errors.contains("cat.jpg: " + note))
        }
        #expect(scores[0] > 0 && scores[0] < 1e-3 && scores[1] > 10 * scores[0] && scores[1] < 0.1)
    }

    /// The kernels that the environment asks for, on standard error and in the report.
    @Test(arguments: [("openblas", "float32"), ("amx-emulated", "two bfloat16 a number, in three products")])
    func whatComputedIsTold(_ kernels: String, _ factors: String) throws {
        let done = try run(program, words + ["--verbose"], environment: ["GRADCAM_KERNELS": kernels])
        #expect(done.errors.contains("convolutions multiply \(factors); kernels: \(kernels)\n"), "\(done.errors)")
        #expect(done.output.contains(#""kernels":"\#(kernels)""#))
    }

    @Test func onlyTheFirstPhotoIsMeasured() throws {
        let done = try run(
            program, [Shared.repository + "/Photos/dog.jpg"] + words + ["--precision", "bf16", "--threads", "1"],
            environment: ["GRADCAM_KERNELS": "amx-emulated"])
        #expect(done.status == 0)
        #expect(done.output.split(separator: "\n").map { $0.contains(#""precision_loss":null"#) } == [false, true])
    }

    /// Nothing that the CPU computed in the place of a card is measured; the next photo is.
    @Test func onlyWhatWasAskedForIsMeasured() throws {
        let classifier = try Classifier(contentsOf: Shared.repository + "/Models/catdog.onnx")
        let session = RelievedSession(try CPU.load(classifier.graph, LoadOptions(threads: 2)).session(threads: 2))
        let explainer = Explainer(classifier, session: session), request = Explainer.Request()
        var arguments = Arguments()
        arguments.precision = .tf32
        let meter = try #require(PrecisionMeter(arguments))
        let photo = Image(width: 8, height: 8, pixels: (0..<3 * 64).map { UInt8($0 * 89 % 256) })
        func loss(isShort: (photo: Bool, measuring: Bool)) throws -> PrecisionMeter.Reading? {
            session.isShort = isShort.photo
            let explanation = try explainer.explain(photo, request)
            session.isShort = isShort.measuring
            return meter.loss(of: photo, request.targets, request, explanation, by: explainer)
        }
        #expect(try loss(isShort: (true, false)) == nil && loss(isShort: (false, true)) == nil)
        guard case .measured(.tf32, _)? = try loss(isShort: (false, false)) else {
            Issue.record("not measured")
            return
        }
        #expect(try loss(isShort: (false, false)) == nil)
    }

    /// A card that leaves some work to the CPU, where it is short of memory.
    private final class RelievedSession: Session {
        private let session: any Session
        var isShort = false

        init(_ session: any Session) { self.session = session }

        var program: any Program { session.program }

        func session(of graph: Graph) throws(NetworkError) -> any Session { try session.session(of: graph) }

        func run(_ images: [[Float]], recording: Recording) throws(NetworkError) -> any Run {
            try session.run(images, recording: recording)
        }

        func scores<Kept>(_ batch: Network.Batch, keeping keep: ([Float]) -> Kept) throws(NetworkError) -> [Kept] {
            try session.scores(batch, keeping: keep)
        }

        func takeComputations() -> [Computation] {
            [.init(kernelName: "cuda", precision: .tf32)]
                + (isShort ? [.init(kernelName: "avx2", precision: .float32)] : [])
        }
    }

    @Test(arguments: ["bf16x3", "bf16"])
    func isRefusedWithoutAMX(_ precision: String) throws {
        let done = try run(program, words + ["--precision", precision], environment: ["GRADCAM_KERNELS": "openblas"])
        #expect(done.status == 2 && done.output == "")
        #expect(done.errors.hasPrefix("gradcam: \(precision) needs a processor with AMX"))
        #expect(done.errors.hasSuffix("on this one --precision can be float32 alone\n"))
    }
}
