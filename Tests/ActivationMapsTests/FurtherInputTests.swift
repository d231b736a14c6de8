import Imaging
import Network
import Testing
import TestSupport

@testable import ActivationMaps

/// Networks of several inputs, of other channels than a picture's, and of signals, against PyTorch
/// (`Tests/Goldens/further_inputs`).
struct FurtherInputTests {
    struct Index: Decodable {
        struct Case: Decodable, CustomTestStringConvertible, Sendable {
            let name, network, photo: String
            let category: Int
            let inputs: [String: String]
            var testDescription: String { name }
            enum CodingKeys: String, CodingKey {
                case name, network, photo, inputs
                case category = "class"
            }
        }
        let cases: [Case]
    }

    static let golden = try? Golden("further_inputs")
    static let cases = (try? golden?.decode(Index.self))?.cases ?? []
    static let folder = Golden.folder + "/further_inputs/"

    @Test func goldensAreThere() { #expect(Self.cases.count >= 9) }

    static func source(_ text: String) -> InputSource {
        let parts = text.split(separator: ",").map { Float($0) }
        return parts.contains(nil) ? .file(folder + text) : .numbers(parts.map { $0! })
    }

    static func explainer(_ single: Index.Case, inputs: [String: InputSource]? = nil) throws -> Explainer {
        var options = ModelOptions()
        options.inputs = inputs ?? single.inputs.mapValues(source)
        if single.network == "siamese" { options.imageInput = "first" }
        if single.network == "siamese" || single.network == "patient" { options.inputSize = (24, 24) }
        return try Explainer(contentsOf: folder + single.network + ".onnx", options: options, threads: 2)
    }

    @Test(arguments: cases.filter { $0.network == "siamese" || $0.network == "patient" })
    func scoresAndMapsArePyTorchs(_ single: Index.Case) throws {
        let explainer = try Self.explainer(single), photo = try Image(contentsOf: Self.folder + single.photo)
        let golden = try #require(Self.golden), logits = try golden.tensor(single.name + ".logits").values
        let map = try golden.tensor(single.name + ".map")
        // By itself, and beside another photo in one pass.
        let other = Image(width: 24, height: 24, pixels: [UInt8](repeating: 90, count: 3 * 576))
        let request = Explainer.Request()
        for found in [try explainer.explain(photo, request)] + [
            try explainer.explain([other, photo], request)[1].get()
        ] {
            let scores = found.scores.sorted { $0.index < $1.index }.map(\.logit)
            #expect(maxDifference(scores, logits) <= 1e-4, "\(scores)")
            #expect(found.explained[0].score?.index == single.category)
            let layer = found.explained[0].maps[0].layer
            #expect([layer.height, layer.width] == map.shape)
            #expect(maxDifference(layer.values, map.values) <= 1e-4)
        }
    }

    /// Photos of six channels, channels first and last, and of another size than the network's.
    @Test(arguments: cases.filter { $0.network == "bands" })
    func arraysArePhotos(_ single: Index.Case) throws {
        let explainer = try Self.explainer(single), preprocessing = explainer.classifier.preprocessing
        let photo = try preprocessing.photo(contentsOf: Self.folder + single.photo)
        let golden = try #require(Self.golden), map = try golden.tensor(single.name + ".map")
        var request = Explainer.Request()
        request.guided = true
        let found = try explainer.explain(photo, request)
        let logits = found.scores.sorted { $0.index < $1.index }.map(\.logit)
        let expected = try golden.tensor(single.name + ".logits").values, greatest = expected.map(abs).max() ?? 1
        #expect(maxDifference(logits, expected) <= 1e-4 * max(1, greatest), "\(logits)")
        let layer = found.explained[0].maps[0].layer
        #expect([layer.height, layer.width] == map.shape && found.explained[0].score?.index == single.category)
        #expect(maxDifference(layer.values, map.values) <= 1e-4)
        #expect(found.explained[0].maps[0].photo.width == photo.width && found.explained[0].guided?.width == 24)
        if single.name == "bands_large" {
            let fed = try golden.tensor("bands_large.fed").values
            let scale = fed.map(abs).max() ?? 1
            #expect(maxDifference(preprocessing.tensor(from: photo), fed) <= 1e-6 * max(scale, 1))
        }
    }

    /// A signal of three channels and a hundred times.
    @Test func signalsArePhotos() throws {
        let single = try #require(Self.cases.first { $0.name == "signals" }), explainer = try Self.explainer(single)
        let photo = try explainer.classifier.preprocessing.photo(contentsOf: Self.folder + single.photo)
        let golden = try #require(Self.golden), map = try golden.tensor(single.name + ".map")
        let found = try explainer.explain(photo, Explainer.Request())
        #expect(found.explained[0].score?.index == single.category)
        #expect(maxDifference(found.explained[0].maps[0].layer.values, map.values) <= 1e-4)
    }

    @Test func everyMethodExplainsAnArray() throws {
        let single = try #require(Self.cases.first { $0.name == "bands" }), explainer = try Self.explainer(single)
        let photo = try explainer.classifier.preprocessing.photo(contentsOf: Self.folder + "bands.npy")
        var request = Explainer.Request()
        request.methods = Methods.of(explainer.classifier.graph)
        (request.options.samples, request.options.steps) = (4, 4)
        for baseline in MethodOptions.Baseline.allCases {
            request.options.baseline = baseline
            let maps = try explainer.explain(photo, request).explained[0].maps
            #expect(maps.count > 25 && maps.allSatisfy(\.isFinite))
            #expect(maps.first { $0.method == "sobel" }?.isBlank == false)
        }
    }

    /// What is chosen of mean and deviation holds for arrays as it stands; one photo that does not fit fails alone.
    @Test func arraysAreNormalisedAsChosen() throws {
        var options = ModelOptions()
        (options.mean, options.std) = ([1, 2, 3, 4, 5, 6], [2])
        let classifier = try Classifier(contentsOf: Self.folder + "bands.onnx", options: options)
        let photo = try classifier.preprocessing.photo(contentsOf: Self.folder + "bands.npy")
        let plain = try NumberArray(contentsOf: Self.folder + "bands.npy").values
        let expected = plain.indices.map { (plain[$0] - Float(1 + $0 / 768)) / 2 }
        #expect(maxDifference(classifier.preprocessing.tensor(from: photo), expected) <= 1e-6)
        options.mean = [1, 2, 3]
        let error = #expect(throws: ModelError.self) {
            try Classifier(contentsOf: Self.folder + "bands.onnx", options: options)
        }
        #expect(error?.description.contains("mean has 3 numbers for a network of 6 channels") ?? false)

        let explainer = Explainer(
            classifier, session: try CPU.load(classifier.graph, LoadOptions()).session(threads: 1))
        let grey = Image(width: 4, height: 4, pixels: [UInt8](repeating: 9, count: 48))
        let found = explainer.explain([grey, photo], Explainer.Request())
        #expect(throws: ImageError.self) { try found[0].get() }
        #expect(try found[1].get().explained.count == 1)
    }

    /// A network of colours is fed an array of its channels as it is.
    @Test func coloursMayBeAnArray() throws {
        let single = try #require(Self.cases.first { $0.name == "siamese" }), explainer = try Self.explainer(single)
        let preprocessing = explainer.classifier.preprocessing
        let picture = try Image(contentsOf: Self.folder + single.photo), fed = preprocessing.tensor(from: picture)
        let array = try Image(
            showing: Raster(NumberArray(shape: [3, 24, 24], values: fed), channels: 3))
        #expect(preprocessing.tensor(from: array) == fed && array.pixels != picture.pixels)
        let maps = try explainer.explain([picture, array], Explainer.Request()).map {
            try $0.get().explained[0].maps[0]
        }
        #expect(maxDifference(maps[0].input.values, maps[1].input.values) == 0)
    }

    struct Wrong: CustomTestStringConvertible, Sendable {
        let network: String
        let inputs: [String: InputSource]
        var imageInput: String? = nil
        let reason: String
        var testDescription: String { reason }
    }

    static let wrong: [Wrong] = [
        .init(
            network: "patient", inputs: [:],
            reason: "besides the photo ('photo') the network has inputs that nothing is given for: "
                + "numbers float32 [1, 4], clinic int64 [1]; give each"),
        .init(
            network: "patient", inputs: ["numbers": .numbers([1])],
            reason: "nothing is given for: clinic int64 [1]; give each"),
        .init(
            network: "siamese", inputs: [:],
            reason: "several inputs could take the photo: first float32 [batch, 3, 24, 24], "
                + "second float32 [1, 3, 24, 24]; name the one"),
        .init(
            network: "siamese", inputs: [:], imageInput: "first",
            reason: "nothing is given for: second float32 [1, 3, 24, 24]; give each"),
        .init(
            network: "siamese", inputs: ["third": .numbers([1])],
            reason: "no input 'third'; the inputs are first float32 [batch, 3, 24, 24], second"),
        .init(
            network: "patient", inputs: ["numbers": .numbers([1, 2]), "clinic": .numbers([1])],
            reason: "input numbers float32 [1, 4]: it does not take 2 numbers; give what it takes"),
        .init(
            network: "patient", inputs: ["numbers": .numbers([1]), "clinic": .numbers([1.5])],
            reason: "input clinic int64 [1]: it takes whole numbers (int64) of at most 16777216"),
        .init(
            network: "patient", inputs: ["numbers": .numbers([1]), "clinic": .file(folder + "nowhere.npy")],
            reason: "nowhere.npy: cannot be read (No such file or directory)"),
        .init(
            network: "patient", inputs: ["numbers": .file(folder + "signal.npy"), "clinic": .numbers([1])],
            reason: "input numbers float32 [1, 4]: it does not take an array of shape [3, 100]"),
        .init(
            network: "patient",
            inputs: ["numbers": .file(folder + "../../Cases/photo48.png"), "clinic": .numbers([1])],
            reason: "a picture cannot be fed to input 'numbers': no image input: input 'numbers' is [1, 4]"),
    ]

    @Test(arguments: wrong)
    func whatDoesNotFitIsRefused(_ single: Wrong) throws {
        var options = ModelOptions()
        (options.inputs, options.imageInput) = (single.inputs, single.imageInput)
        let error = #expect(throws: ModelError.self) {
            try Classifier(contentsOf: Self.folder + single.network + ".onnx", options: options)
        }
        #expect(error?.description.contains(single.reason) ?? false, "\(error?.description ?? "")")
    }
}

extension InputSource: CustomStringConvertible {
    public var description: String { if case .file(let path) = self { path } else { "numbers" } }
}
