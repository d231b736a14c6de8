import Foundation
import Imaging
import Network
import Testing
import TestSupport

@testable import ActivationMaps

/// Rollouts of attention against their papers' formulas in PyTorch (`Tests/Goldens/attention`).
struct AttentionGoldenTests {
    struct Case: Decodable, CustomTestStringConvertible {
        let files: [String]
        let photo: String
        let `class`: Int
        let method, tensor: String
        var testDescription: String { tensor }
    }

    struct Index: Decodable { let cases: [Case] }

    static let cases = (try? Golden("attention").decode(Index.self))?.cases ?? []

    @Test func goldensAreThere() { #expect(Self.cases.count >= 24 && Set(Self.cases.map(\.method)).count == 2) }

    @Test(arguments: cases)
    func mapAgrees(_ single: Case) throws {
        let expected = try Golden("attention").tensor(single.tensor).values
        let pixels = try Data(contentsOf: URL(fileURLWithPath: "\(Golden.folder)/photos/\(single.photo)-64x64.rgb"))
        let photo = Image(width: 64, height: 64, pixels: [UInt8](pixels))
        var options = ModelOptions()
        (options.mean, options.std) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
        for file in single.files {
            let explainer = try Explainer(contentsOf: "\(Golden.folder)/\(file)", options: options, threads: 2)
            let method = try #require(Methods.named(single.method))
            let map = try explainer.explain(photo, methods: [method], of: .classes([single.class])).explained[0].maps[0]
            let sampled = NetworkGoldenTests.sample(map.input.values, width: 64, height: 64, depth: 1, stride: 2)
            let worst = maxDifference(sampled, expected)
            #expect(worst <= 1e-4, "\(file): the map differs by \(worst)")
        }
    }

    /// Networks whose tokens do not all look at one another, and what is said of them.
    @Test(arguments: [
        ("resnet18", "no attention"), ("convnext", "no attention"), ("timm_mixer", "no attention"),
        ("swin", "within windows"), ("swin_v2", "within windows"), ("maxvit", "within windows"),
    ])
    func othersAreRefused(_ name: String, _ reason: String) throws {
        for file in ["torchscript", "dynamo"] {
            let graph = try Classifier(contentsOf: "\(Golden.folder)/\(name)/\(file).onnx").graph
            for method in [AttentionRollout(), GradientRollout()] as [any ActivationMaps.Method] {
                let said = try #require(method.obstacle(graph, []), "\(name) \(file)").description
                #expect(said.contains(reason) && said.contains("gradcam"), "\(said)")
                #expect(!Methods.of(graph).contains { $0.name == method.name })
            }
        }
    }
}
