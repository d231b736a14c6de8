import Foundation
import Imaging
import Testing
import TestSupport

@testable import ActivationMaps
@testable import Network

/// What a session does for speed against the plain way.
struct FastPathTests {
    /// Many images at once, of which the first steps run one by one, give the scores that each gives alone.
    @Test(arguments: ["resnet18", "densenet", "mobilenet_v2"])
    func runsImagesTogetherAsAlone(_ name: String) throws {
        let graph = try Classifier(contentsOf: Golden(name).path + "/torchscript.onnx").graph
        let count = 320
        let program = CPUProgram(graph)
        let plan = try program.plan(PlanRequest(images: count, sources: [graph.input]), threads: 1)
        #expect(plan.prologue.count > 0 && plan.prologue.count < plan.steps.count)

        let image = (0..<graph.inputShape.count).map { Float($0 % 255) / 128 - 1 }
        let scores = try [count, 1].map { batch in
            try CPUProgram(graph, LoadOptions(threads: 1, batch: batch)).session(threads: 1).scores(
                .written(count) { index, target in
                    for i in target.indices {
                        target[i] =
                            image[i] * Float((i % (graph.inputShape[2] * graph.inputShape[3]) + 7 * index) % 100) / 100
                    }
                })
        }
        for (together, alone) in zip(scores[0], scores[1]) {
            #expect(maxDifference(together, alone) <= 1e-4 * (alone.map(abs).max() ?? 0))
        }
    }

    private func session(_ graph: Graph, transforms: Bool) -> CPUSession {
        var options = LoadOptions(threads: 2)
        options.transforms = transforms
        return CPUProgram(graph, options).session(threads: 2) as! CPUSession
    }

    /// Winograd's maps against those of the plain path, where both explain the same photo.
    @Test(arguments: ["resnet18", "resnet50", "wide_resnet50_2"])
    func boundsWinogradsError(_ name: String) throws {
        let golden = try Golden(name)
        let index = try golden.decode(NetworkGoldenTests.Index.self)
        var options = ModelOptions()
        (options.mean, options.std) = (index.mean, index.std)
        let classifier = try Classifier(contentsOf: golden.path + "/torchscript.onnx", options: options)
        let (fast, plain) = (session(classifier.graph, transforms: true), session(classifier.graph, transforms: false))
        let blank = [[Float](repeating: 0, count: classifier.graph.inputShape.count)]
        #expect(try fast.profile(blank, runs: 1).contains("winograd"))
        #expect(try !plain.profile(blank, runs: 1).contains("winograd"))

        for single in index.cases where single.method != "guided" {
            let pixels = [UInt8](
                try Data(
                    contentsOf: URL(fileURLWithPath: Golden.folder + "/photos/" + index.photos[single.photo]!.file)))
            let photo = Image(width: index.width, height: index.height, pixels: pixels)
            var request = Explainer.Request()
            request.targets = .classes([single.class])
            request.methods = [try #require(Methods.named(single.method))]
            request.layers = try classifier.layers(named: single.layer?.split(separator: ",").map(String.init) ?? [])
            let maps = try [fast, plain].map {
                try Explainer(classifier, session: $0).explain(photo, request).explained[0].maps[0].input.values
            }
            let worst = maxDifference(maps[0], maps[1])
            #expect(worst <= 1e-3, "\(name), \(single.tensor): differs by \(worst)")
        }
    }
}
