import CUDAStandIn
import Foundation
import ONNX
import Testing
import TestSupport

@testable import ActivationMaps
@testable import CUDA
@testable import Network

/// Whole networks through the stand-in against the CPU, whose numbers other tests compare with PyTorch's.
struct WholeNetworkTests {
    static let networks: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: Golden.folder)) ?? []
        return names.filter { FileManager.default.fileExists(atPath: "\(Golden.folder)/\($0)/torchscript.onnx") }
            .sorted()
    }()

    private func graph(_ name: String) throws -> Graph {
        try Classifier(contentsOf: Golden(name).path + "/torchscript.onnx").graph
    }

    private func image(_ graph: Graph, _ number: Int = 0) -> [Float] {
        (0..<graph.inputShape.count).map { Float(($0 * 31 + number * 101) % 255) / 128 - 1 }
    }

    private func close(_ found: [Float], _ expected: [Float], _ tolerance: Float, _ what: String) {
        let scale = expected.map(abs).max() ?? 0
        let worst = maxDifference(found, expected)
        #expect(worst <= tolerance * scale, "\(what) differs by \(worst) of \(scale)")
    }

    @Test(arguments: networks)
    func scoresAndGradientsAreTheCPUs(_ name: String) throws {
        let graph = try graph(name), layer = try #require(graph.defaultLayer).value
        let recording = Recording(values: [layer], gradients: [graph.input, layer])
        let images = [image(graph), image(graph, 1)]
        var exact = LoadOptions(threads: 2)
        (exact.precision, exact.transforms) = (.float32, false)
        let expected = try CPU.load(graph, exact).session(threads: 2).run(images, recording: recording)
        let found = try StandIn.program(graph).session(threads: 1).run(images, recording: recording)
        let cotangents = images.indices.map { image in (0..<graph.numbers).map { Float(($0 + image) % 3) - 1 } }
        for k in images.indices {
            close(found.scores[k], expected.scores[k], 1e-4, "\(name): scores")
            // Where numbers before a softmax are hundreds, as random weights make them, rounding shows.
            close(
                try found.value(layer, image: k).values, try expected.value(layer, image: k).values, 1e-3,
                "\(name): layer")
        }
        for rule in [RectifierRule.plain, .guided, .deconvnet] {
            let own = try found.gradients(cotangents, at: [layer, graph.input], rule: rule)
            let wanted = try expected.gradients(cotangents, at: [layer, graph.input], rule: rule)
            for k in images.indices {
                close(own[k][0].values, wanted[k][0].values, 1e-3, "\(name), \(rule): layer's gradient")
                // Where two numbers under a maximum's window are nearly equal, rounding decides.
                let agreement = correlation(own[k][1].values, wanted[k][1].values)
                let isZero = !wanted[k][1].values.contains { $0 != 0 } && own[k][1] == wanted[k][1]
                #expect(agreement > 0.999 || isZero, "\(name), \(rule): input's gradient: \(agreement)")
            }
        }
        StandIn.expectNoBreach(name)
    }
}
