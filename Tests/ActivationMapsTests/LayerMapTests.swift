import Imaging
import Testing
import TestSupport

@testable import ActivationMaps

/// Maps on the layers' own grids against grad-cam's, which it enlarges after that (`Tests/Goldens/layer_maps`), in the
/// files of both exporters.
struct LayerMapTests {
    struct Index: Decodable {
        struct Case: Decodable, CustomTestStringConvertible {
            let network, photo, method: String
            let layers: [String]
            let smoothing: String
            let category: Int
            let tensor: String
            var testDescription: String { tensor }
            enum CodingKeys: String, CodingKey {
                case network, photo, method, layers, smoothing, tensor
                case category = "class"
            }
        }
        let cases: [Case]
    }

    static let cases = (try? Golden("layer_maps").decode(Index.self))?.cases ?? []

    @Test func goldensAreThere() { #expect(Set(Self.cases.map(\.network)).count >= 6 && Self.cases.count >= 30) }

    @Test(arguments: cases)
    func mapAgrees(_ single: Index.Case) throws {
        let expected = try Golden("layer_maps").tensor(single.tensor)
        for subject in try PhotoCase.all(of: single.network, photo: single.photo) {
            var request = Explainer.Request()
            request.targets = .classes([single.category])
            request.methods = [try #require(Methods.named(single.method))]
            request.layers = try subject.explainer.classifier.layers(named: single.layers)
            request.augSmooth = single.smoothing == "aug"
            request.eigenSmooth = single.smoothing == "eigen"
            let map = try subject.explainer.explain(subject.photo, request).explained[0].maps[0]
            #expect([map.layer.height, map.layer.width] == expected.shape)
            let worst = maxDifference(map.layer.values, expected.values)
            #expect(worst <= 1e-4, "\(subject.file): the map differs by \(worst)")

            // Enlarged and, but for the mean of --aug-smooth, normalised again it is the map over the input.
            let enlarged = map.layer.resized(width: map.input.width, height: map.input.height)
            let again = request.augSmooth ? enlarged : Normalise.minMax(enlarged)
            let difference = maxDifference(again.values, map.input.values)
            #expect(
                difference <= (request.augSmooth ? 0.1 : 1e-5), "\(subject.file): enlarged it differs by \(difference)"
            )
        }
    }

    /// At the input, of tokens that are rolled out, and of layers that differ in size.
    @Test(arguments: [("saliency", 64, 64), ("rollout", 8, 8), ("refinecam", 64, 64), ("gradcam", 8, 8)])
    func whereMapsAreMade(_ method: String, _ width: Int, _ height: Int) throws {
        for subject in try PhotoCase.all(of: "vit", photo: "cat") {
            let map = try subject.explainer.explain(subject.photo, methods: [try #require(Methods.named(method))])
                .explained[0].maps[0]
            #expect(map.layer.width == width && map.layer.height == height, "\(subject.file)")
        }
    }

    @Test func layersOfSeveralGridsAreJoinedAtTheInput() throws {
        for subject in try PhotoCase.all(of: "resnet18", photo: "cat") {
            let map = try subject.explainer.explain(subject.photo, layers: ["layer3[-1]", "layer4[-1]"]).explained[0]
                .maps[0]
            #expect(map.layer == map.input)
        }
    }
}
