import ActivationMaps
import Imaging
import TestSupport
import Testing

/// Numbers of every kind that are made of outputs, and maps of these, against PyTorch and grad-cam.
@Suite struct ScalarGoldenTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let output, kind: String
        let `class`, against: Int?
        let slice: String?
        let value: Float
        let maps: [String: String]
        var testDescription: String { "\(output) \(kind) \(`class` ?? -1) \(slice ?? "")" }
    }
    private struct Index: Decodable { let width, height, stride: Int, cases: [Case] }

    private static let golden = try! Golden("scalars")
    private static let index = try! golden.decode(Index.self)

    private static func targets(_ single: Case) throws -> Explainer.Targets {
        if let text = single.slice { return .slices([try #require(OutputSlice(text))]) }
        guard let category = single.class else {
            return .similarity(try golden.tensor("reference").values, to: "reference.npy")
        }
        let number: Explainer.ClassNumber =
            switch single.kind {
            case "probability": .probability
            case "rest": .rest
            case "difference": .against(single.against!)
            default: .logit
            }
        return .classes([category], by: number)
    }

    private static func explanation(_ single: Case, methods: [any Method]) throws -> Explanation.Explained {
        var options = ModelOptions()
        (options.output, options.mean, options.std) = (single.output, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5])
        options.use = single.slice != nil ? .slice : single.kind == "similarity" ? .similarity : .scores
        let explainer = try Explainer(contentsOf: golden.path + "/network.onnx", options: options, threads: 1)
        let pixels = try golden.tensor("pixels").values.map { UInt8((255 * $0).rounded()) }
        var request = Explainer.Request()
        (request.methods, request.targets) = (methods, try targets(single))
        request.layers = try explainer.classifier.layers(named: ["features[-1]"])
        let photo = Image(width: index.width, height: index.height, pixels: pixels)
        return try explainer.explain(photo, request).explained[0]
    }

    @Test(arguments: index.cases)
    func numbersAndMapsArePyTorchs(_ single: Case) throws {
        let names = single.maps.keys.sorted(), methods = names.compactMap(Methods.named)
        let explained = try Self.explanation(single, methods: methods)
        #expect(abs(explained.value - single.value) <= 1e-4 * max(1, abs(single.value)))
        #expect(explained.photoTarget.kind.rawValue == single.kind)
        for (name, map) in zip(names, explained.maps) {
            let expected = try Self.golden.tensor(single.maps[name]!).values, step = Self.index.stride
            let found = stride(from: 0, to: map.input.height, by: step).flatMap { y in
                stride(from: 0, to: map.input.width, by: step).map { map.input.values[y * map.input.width + $0] }
            }
            #expect(maxDifference(found, expected) <= 1e-4, "\(name)")
        }
    }

    /// A number of the output and the class's own are the same, by every method that does not ask what they are.
    @Test func aPartOfAnOutputIsExplainedAsAClass() throws {
        let methods = Methods.of(try Classifier(contentsOf: Self.golden.path + "/network.onnx").graph).filter {
            !$0.needsLogit && !["rise", "scorecam", "iscam", "sscam"].contains($0.name)
        }
        let logit = Case(output: "scores", kind: "logit", class: 2, against: nil, slice: nil, value: 0, maps: [:])
        let part = Case(
            output: "scores", kind: "number", class: nil, against: nil, slice: "scores[0,2]", value: 0, maps: [:])
        let (one, other) = (
            try Self.explanation(logit, methods: methods), try Self.explanation(part, methods: methods)
        )
        #expect(one.value == other.value && methods.count > 20)
        for (a, b) in zip(one.maps, other.maps) { #expect(maxDifference(a.input.values, b.input.values) <= 1e-6) }
    }
}
