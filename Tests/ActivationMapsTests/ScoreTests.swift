import Foundation
import Imaging
import Network
import Testing
import TestSupport

@testable import ActivationMaps

/// Which output holds the scores, and what the scores are, beside ONNX Runtime's numbers and grad-cam's maps at the
/// right logits.
struct ScoreTests {
    struct Output: Decodable, CustomTestStringConvertible {
        let name: String
        /// nil: none of them holds classes.
        let output: String?
        let others: [String]
        let logits: [Float]
        let `class`: Int
        var testDescription: String { name }
    }

    struct Score: Decodable, CustomTestStringConvertible {
        let name, kind: String
        let scores, logits: [Float]
        let `class`: Int
        var testDescription: String { name }
    }

    static let outputs = (try? read("outputs", [Output].self)) ?? []
    static let scores = (try? read("scores", [Score].self)) ?? []

    private static func read<T: Decodable>(_ folder: String, _ type: T.Type) throws -> T {
        try JSONDecoder().decode(type, from: Data(contentsOf: URL(fileURLWithPath: Case(folder).path("right.json"))))
    }

    @Test func casesAreThere() { #expect(Self.outputs.count >= 14 && Self.scores.count >= 45) }

    @Test(arguments: outputs)
    func choosesTheOutput(_ right: Output) throws {
        let folder = Case("outputs")
        var options = ModelOptions()
        guard let output = right.output else {
            let error = #expect(throws: ModelError.self) {
                try Classifier(contentsOf: folder.path(right.name + ".onnx"))
            }
            #expect("\(try #require(error))".contains("output \(right.others[0]) explains its numbers all the same"))
            options.output = right.others[0]
            let graph = try Classifier(contentsOf: folder.path(right.name + ".onnx"), options: options).graph
            if case .output(_, isFraction: false) = graph.probability { return }
            #expect(right.name == "boxes_alone", "\(graph.probability)")
            return
        }
        let explainer = try Explainer(contentsOf: folder.path(right.name + ".onnx"), threads: 1)
        let graph = explainer.classifier.graph
        #expect(graph.output.name == output && graph.output.others == right.others, "\(graph.output)")
        let result = try explainer.explain(Image(contentsOf: folder.path("photo.png")), of: .classes([right.class]))
        #expect(maxDifference(byIndex(result).map(\.logit), right.logits) <= 1e-5)
        #expect(result.layers[0].channels == 8)
        #expect(maxDifference(result.explained[0].maps[0].input.values, try folder.map(right.name + ".npy")) <= 1e-4)
    }

    @Test(arguments: scores)
    func saysWhatTheNetworkSays(_ right: Score) throws {
        let folder = Case("scores")
        let explainer = try Explainer(contentsOf: folder.path(right.name + ".onnx"), threads: 1)
        let kind =
            switch explainer.classifier.graph.probability {
            case .softmax: "softmax"
            case .sigmoid: "sigmoid"
            case .output: "output"
            case .number: "number"
            case .share: "share"
            case .box: "box"
            }
        #expect(kind == right.kind)
        var request = Explainer.Request()
        (request.targets, request.guided, request.methods) = (.classes([right.class]), true, [GradCAM(), ScoreCAM()])
        let result = try explainer.explain(Image(contentsOf: folder.path("photo.png")), request)
        let size = right.scores.map(abs).max()!
        #expect(
            maxDifference(byIndex(result).map(\.probability), right.scores) <= 1e-5 * max(size, 1),
            "\(byIndex(result).map(\.probability))")
        #expect(
            maxDifference(byIndex(result).map(\.logit), right.logits) <= 2e-5 * (right.logits.map(abs).max() ?? 1),
            "\(byIndex(result).map(\.logit))")
        #expect(maxDifference(result.explained[0].maps[0].input.values, try folder.map(right.name + ".npy")) <= 1e-4)
        #expect(result.explained[0].guided!.values.contains { $0 != 0 })
    }

    private func byIndex(_ result: Explanation) -> [ClassScore] { result.scores.sorted { $0.index < $1.index } }

    /// As many labels as one of the outputs has numbers tell which it is; one or two make a single number a class's.
    @Test func labelsTell() throws {
        func graph(_ path: String, _ labels: [String]) throws -> Graph {
            let file = FileManager.default.temporaryDirectory.path + "/labels-\(UUID().uuidString).txt"
            try labels.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
            defer { try? FileManager.default.removeItem(atPath: file) }
            var options = ModelOptions()
            options.labels = file
            return try Classifier(contentsOf: path, options: options).graph
        }
        #expect(try graph(Case("outputs").path("two_heads.onnx"), ["female", "male"]).output.name == "gender")
        #expect(try graph(Case("outputs").path("two_heads.onnx"), ["a", "b", "c", "d", "e", "f"]).output.name == "age")
        #expect(
            try graph(Case("outputs").path("embedding_named.onnx"), ["a", "b", "c", "d", "e"]).probability == .softmax)
        #expect(try graph(Case("scores").path("regression.onnx"), ["dog"]).probability == .sigmoid)
        #expect(try graph(Case("scores").path("regression.onnx"), ["cat", "dog"]).probability == .sigmoid)
    }

    @Test func bestClassIsTheNetworksOwn() throws {
        for right in Self.scores where right.kind == "output" {
            let explainer = try Explainer(contentsOf: Case("scores").path(right.name + ".onnx"), threads: 1)
            let result = try explainer.explain(Image(contentsOf: Case("scores").path("photo.png")))
            #expect(result.scores.map(\.probability) == result.scores.map(\.probability).sorted(by: >))
            #expect(result.explained[0].score?.index == result.scores[0].index)
        }
    }

    @Test func aPartOfOneIsToldFromANumber() throws {
        func isFraction(_ name: String) throws -> Bool? {
            guard
                case .output(_, let isFraction) = try Classifier(contentsOf: Case("scores").path(name + ".onnx")).graph
                    .probability
            else { return nil }
            return isFraction
        }
        for name in [
            "tanh_halved", "softmax_thresholded", "superclasses", "superclasses_weighted", "superclasses_summed",
            "evidence", "share_of_relu",
            "share_of_squares", "min_max", "clipped", "log_sigmoid", "loss_of_sigmoid_log", "softmax_of_batch",
        ] { #expect(try isFraction(name) == true, "\(name)") }
        for name in ["log_percent", "odds", "loss_in_bits", "percent"] {
            #expect(try isFraction(name) == false, "\(name)")
        }
    }

    @Test func whatIsStrangeInScoresIsTold() throws {
        func remark(_ name: String) throws -> ScoresRemark? {
            try Classifier(contentsOf: Case("scores").path(name + ".onnx")).graph.output.remark
        }
        for name in ["loss", "loss_of_sigmoid_log", "loss_in_bits"] { #expect(try remark(name) == .loss, "\(name)") }
        for name in ["softmax_of_batch", "log_softmax_of_batch"] {
            #expect(try remark(name) == .softmaxOfOne, "\(name)")
        }
        for name in ["log_softmax", "log_sigmoid", "averaged"] { #expect(try remark(name) == nil, "\(name)") }
    }

    /// 2^18 ways lead from the output to its logits: each of them is added once. 27,000 nodes in a row are no deeper a
    /// call.
    @Test(.timeLimit(.minutes(1))) func manyWaysAndLongChainsEnd() throws {
        let graph = try Classifier(contentsOf: Case("scores").path("many_ways.onnx")).graph
        #expect(graph.probability == .sigmoid && graph.nodes.count < 120, "\(graph.nodes.count)")
        #expect(try Classifier(contentsOf: Case("scores").path("long_chain.onnx")).graph.nodes.count > 27_000)
    }
}
