import Foundation
import Imaging
import Network
import Testing
import TestSupport

@testable import ActivationMaps

/// Files as tools other than PyTorch's exporters write them: one small classifier in many ways of writing it down.
struct ForeignFileTests {
    struct Index: Decodable {
        struct File: Decodable {
            let file: String
            let `class`: Int
            let map: String
        }
        let photo: String
        let width, height: Int
        let files: [File]
    }

    static let names = ((try? Golden("foreign").decode(Index.self))?.files ?? []).map(\.file)

    @Test func filesAreThere() { #expect(Self.names.count >= 33) }

    @Test(arguments: names)
    func agreesWithTheTwin(_ name: String) throws {
        let golden = try Golden("foreign")
        let index = try golden.decode(Index.self)
        let file = try #require(index.files.first { $0.file == name })
        let pixels = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Golden.folder + "/photos/" + index.photo)))
        var options = ModelOptions()
        options.inputSize = (index.width, index.height)
        if name == "grey" { (options.mean, options.std) = ([0.485], [0.229]) }
        let explainer = try Explainer(contentsOf: "\(golden.path)/\(name).onnx", options: options, threads: 2)
        let result = try explainer.explain(
            Image(width: index.width, height: index.height, pixels: pixels), of: .classes([file.class]))

        let expected = try golden.tensor(name).values
        let logits = result.scores.sorted { $0.index < $1.index }.map(\.logit)
        #expect(logits.count == expected.count)
        #expect(maxDifference(logits, expected) <= 1e-4 * (expected.map(abs).max() ?? 1))
        let map = try golden.tensor(file.map).values
        #expect(maxDifference(result.explained[0].maps[0].input.values, map) <= 1e-4)
        #expect(result.layers[0].channels == 8 && result.layers[0].height == 8)
    }

    /// A relu that a quantiser left to the range of a convolution's result is one for guided backpropagation too, as in
    /// the file where it is written.
    @Test func rectifiersInsideQuantisedOperatorsAreGuided() throws {
        let golden = try Golden("foreign")
        let index = try golden.decode(Index.self)
        let pixels = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Golden.folder + "/photos/" + index.photo)))
        let guided = try ["qdq", "qoperators"].map { name in
            let explainer = try Explainer(contentsOf: "\(golden.path)/\(name).onnx", threads: 2)
            var request = Explainer.Request()
            (request.guided, request.targets) = (true, .classes([3]))
            return try #require(
                try explainer.explain(Image(width: index.width, height: index.height, pixels: pixels), request)
                    .explained[
                        0
                    ].guided)
        }
        #expect(guided[0].values.contains { $0 != 0 })
        #expect(maxDifference(guided[0].values, guided[1].values) <= 1e-5 * (guided[0].values.map(abs).max() ?? 1))
    }

    @Test func outputsAreChosenByName() throws {
        let path = Golden.folder + "/foreign/several_outputs.onnx"
        #expect(try Classifier(contentsOf: path).graph.classes == 5)
        var options = ModelOptions()
        options.output = "auxiliary"
        #expect(try Classifier(contentsOf: path, options: options).graph.classes == 3)
        for (name, reason) in [
            ("nonsense", "no output, tensor or node 'nonsense'"),
            ("features", "is neither a row of scores nor the output of a segmentation or a detector"),
        ] {
            options.output = name
            let error = #expect(throws: ModelError.self) { try Classifier(contentsOf: path, options: options) }
            #expect("\(try #require(error))".contains(reason))
        }
    }

    @Test func oneOutputHasTwoSides() throws {
        let explainer = try Explainer(contentsOf: Golden.folder + "/foreign/one_output.onnx", threads: 1)
        let photo = Image(width: 8, height: 8, pixels: [UInt8](repeating: 90, count: 192))
        let scores = try explainer.explain(photo).scores
        #expect(scores.count == 2 && abs(scores[0].probability + scores[1].probability - 1) < 1e-5)
        #expect(scores[0].logit == -scores[1].logit && scores[0].logit >= 0)
    }
}
