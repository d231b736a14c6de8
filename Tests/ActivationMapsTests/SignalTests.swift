import Imaging
import Network
import Testing
import TestSupport

@testable import ActivationMaps

/// Networks of signals against PyTorch and grad-cam (`Tests/Goldens/signals`).
struct SignalTests {
    struct Index: Decodable {
        struct Case: Decodable, CustomTestStringConvertible, Sendable {
            let name, layer: String
            let category, channels, times: Int
            let isOpen: Bool
            var testDescription: String { name }
            enum CodingKeys: String, CodingKey {
                case name, layer, channels, times
                case category = "class"
                case isOpen = "open"
            }
        }
        let cases: [Case]
    }

    static let golden = try? Golden("signals")
    static let cases = (try? golden?.decode(Index.self))?.cases ?? []
    static let folder = Golden.folder + "/signals/"
    static let methods = [
        "gradcam", "gradcam++", "hirescam", "layercam", "xgradcam", "eigencam", "saliency", "guided",
    ]

    @Test func goldensAreThere() { #expect(Self.cases.count >= 5) }

    static func explainer(_ name: String) throws -> Explainer {
        try Explainer(contentsOf: folder + name + ".onnx", threads: 2)
    }

    static func photo(_ name: String, for explainer: Explainer) throws -> Image {
        try explainer.classifier.preprocessing.photo(contentsOf: folder + name + ".npy")
    }

    @Test(arguments: cases)
    func scoresAndMapsArePyTorchs(_ single: Index.Case) throws {
        let explainer = try Self.explainer(single.name), golden = try #require(Self.golden)
        let photo = try Self.photo(single.name, for: explainer)
        #expect(photo.isSignal && photo.width == single.times && photo.height == 1)
        #expect(explainer.classifier.preprocessing.takesAnyLength == single.isOpen)
        var request = Explainer.Request()
        request.methods = Self.methods.compactMap(Methods.named)
        request.guided = true
        let found = try explainer.explain(photo, request)
        let logits = try golden.tensor(single.name + ".logits").values
        #expect(maxDifference(found.scores.sorted { $0.index < $1.index }.map(\.logit), logits) <= 1e-4)
        let explained = found.explained[0]
        #expect(explained.score?.index == single.category && explained.guided?.width == single.times)
        // The default layer is the one that the oracle explains.
        let named = try explainer.classifier.layers(named: [single.layer])[0]
        #expect(explainer.classifier.graph.defaultLayer?.value == named.value, "\(named)")
        for map in explained.maps {
            let expected = try golden.tensor("\(single.name).\(map.method)").values
            #expect(map.layer.height == 1 && map.layer.width == expected.count, "\(map.method)")
            #expect(maxDifference(map.layer.values, expected) <= 1e-4, "\(map.method)")
            #expect(map.photo.width == single.times && map.photo.height == 1)
        }
    }

    @Test(arguments: ["resnet", "inception"])
    func everyMethodAndMetricExplainsASignal(_ name: String) throws {
        let explainer = try Self.explainer(name), photo = try Self.photo(name, for: explainer)
        var request = Explainer.Request()
        request.methods = Methods.of(explainer.classifier.graph)
        request.concepts = 2
        (request.options.samples, request.options.steps) = (4, 4)
        for baseline in MethodOptions.Baseline.allCases {
            request.options.baseline = baseline
            let maps = try explainer.explain(photo, request).explained[0].maps
            #expect(maps.count > 25 && maps.allSatisfy { $0.isFinite && $0.photo.width == photo.width })
        }
        request = Explainer.Request()
        request.metrics = ["insertion", "deletion", "road"].compactMap(Metrics.named)
        let judged = try explainer.explain(photo, request).explained[0].judgements
        #expect(judged.count == 3 && judged.allSatisfy { $0.measures.count == 5 })
    }

    /// Each at its own length, whatever stands beside it; as a network that was read for that length.
    @Test func anOpenLengthIsEachSignalsOwn() throws {
        let explainer = try Self.explainer("resnet_open"), own = try Self.photo("resnet_open", for: explainer)
        let (other, name) = (try Self.photo("resnet", for: explainer), "layer1")
        var request = Explainer.Request()
        request.layers = try explainer.classifier.layers(named: [name])
        let found = explainer.explain([other, own, other, own, own], request)
        var options = ModelOptions()
        for (place, photo) in [other, own, other, own, own].enumerated() {
            options.inputSize = (photo.width, 1)
            let fitted = try Explainer(contentsOf: Self.folder + "resnet_open.onnx", options: options, threads: 2)
            let alone = try fitted.explain(photo, methods: [GradCAM()], layers: [name]).explained[0]
            let beside = try found[place].get().explained[0]
            #expect(beside.maps[0].photo == alone.maps[0].photo && beside.value == alone.value)
        }
        let short = try Image(
            showing: Raster(width: 1, height: 1, channels: 12, values: Array(repeating: 1, count: 12), isSignal: true))
        request.layers = try explainer.classifier.layers(named: [])
        // Of one sample a single place is left of the last layer, which is no map.
        let error = #expect(throws: ChoiceError.self) { try explainer.explain([short], request)[0].get() }
        #expect("\(try #require(error))".contains("of a signal of 1 samples layer"))
    }

    @Test func anotherLengthIsRefused() throws {
        let explainer = try Self.explainer("resnet"), photo = try Self.photo("resnet_open", for: explainer)
        let error = #expect(throws: ImageError.self) { try explainer.explain(photo, Explainer.Request()) }
        #expect("\(error!)".contains("a signal of 333 samples, where the network takes 480: cut it, or fill it up"))
    }

    @Test func picturesSettingsAreRefused() throws {
        var options = ModelOptions()
        options.resize = .crop
        let error = #expect(throws: ModelError.self) {
            try Classifier(contentsOf: Self.folder + "resnet.onnx", options: options)
        }
        #expect(error?.description.contains("the network takes signals") ?? false)
    }
}
