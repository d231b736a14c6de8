import Foundation
import Imaging
import Network
import Testing
import TestSupport

@testable import ActivationMaps

/// Methods by masks, noise and biases, and the product of layers, against grad-cam 1.5.7, torch-cam 0.5.0 and PyTorch's
/// autograd (`Tests/Goldens/methods`).
struct MethodGoldenTests {
    struct MapCase: Decodable, CustomTestStringConvertible {
        let network, photo: String
        let `class`: Int
        let method: String
        let layers: [String]
        /// Which of the network's files.
        let files: [String]
        let tensor: String
        var testDescription: String { tensor }
    }

    struct Index: Decodable { let maps: [MapCase] }

    static let maps = (try? Golden("methods").decode(Index.self).maps) ?? []

    @Test func goldensAreThere() {
        let counts = Dictionary(grouping: Self.maps, by: \.method).mapValues(\.count)
        for method in ["fullgrad", "iscam", "refinecam", "smoothgradcam++", "sscam"] {
            #expect(counts[method, default: 0] >= 3, "\(method)")
        }
    }

    @Test(arguments: maps)
    func mapAgrees(_ single: MapCase) throws {
        let golden = try Golden(single.network), index = try golden.decode(NetworkGoldenTests.Index.self)
        let pixels = try Data(
            contentsOf: URL(fileURLWithPath: "\(Golden.folder)/photos/\(index.photos[single.photo]!.file)"))
        let photo = Image(width: index.width, height: index.height, pixels: [UInt8](pixels))
        let expected = try Golden("methods").tensor(single.tensor).values
        for file in single.files {
            let explainer = try NetworkGoldenTests.explainer("\(golden.path)/\(file)", index)
            var request = Explainer.Request()
            request.targets = .classes([single.class])
            request.methods = [try #require(Methods.named(single.method))]
            request.layers = try explainer.classifier.layers(named: single.layers)
            let map = try explainer.explain(photo, request).explained[0].maps[0].input
            let found = NetworkGoldenTests.sample(
                map.values, width: map.width, height: map.height, depth: 1, stride: index.stride)
            let worst = maxDifference(found, expected)
            #expect(worst <= tolerance(1e-4), "\(file): the map differs by \(worst)")
        }
    }
}
