import Foundation
import Imaging
import Network
import Testing
import TestSupport

@testable import ActivationMaps

/// Metrics against pytorch-grad-cam, Captum, Quantus, SciPy and NumPy (`Tests/Goldens/metrics`), in the files of both
/// exporters.
struct MetricGoldenTests {
    struct Case: Decodable, CustomTestStringConvertible {
        let network, photo: String
        let `class`: Int
        let method: String
        let layers: [String]
        /// The map that is judged, and another method's.
        let tensor: String
        let other: String?
        /// What the network says of the class.
        let score: Double
        let measures: [String: Double]
        /// What is compared in these files alone.
        let files: [String: [String]]
        var testDescription: String { tensor }
    }
    struct Index: Decodable { let cases: [Case] }

    static let cases = (try? Golden("metrics").decode(Index.self))?.cases ?? []

    @Test func goldensAreThere() {
        #expect(Self.cases.count >= 4)
        let measured = Set(Self.cases.flatMap(\.measures.keys).map { String($0.split(separator: "/")[0]) })
        let metrics = Metrics.all.map(\.name)
        #expect(metrics.allSatisfy { name in measured.contains { $0.hasPrefix(name) } })
    }

    @Test(arguments: cases)
    func measuresAgree(_ single: Case) throws {
        let golden = try Golden("metrics")
        for photo in try PhotoCase.all(of: single.network, photo: single.photo) {
            let explainer = photo.explainer, graph = explainer.classifier.graph
            let subject = try explainer.subject(
                photo.photo, .logit(single.class), layers: try explainer.classifier.layers(named: single.layers))
            let method = try #require(Methods.named(single.method))
            func plane(_ key: String) throws -> Plane {
                Plane(width: photo.photo.width, height: photo.photo.height, values: try golden.tensor(key).values)
            }
            let map = JudgedMap(
                method: method.name, plane: try plane(single.tensor),
                others: try single.other.map { [("other", try plane($0))] } ?? []
            ) { try UnplacedMap(try method.explain($0), eigenSmooth: false, of: graph).plane }
            for metric in Metrics.all {
                let wanted = single.measures.filter { $0.key.hasPrefix(metric.name) }
                guard wanted.keys.contains(where: { single.files[$0]?.contains(photo.file) ?? true }) else { continue }
                let found = try metric.measure(map, subject)
                for (name, value) in wanted where single.files[name]?.contains(photo.file) ?? true {
                    let own = try #require(found.first { $0.name == name }).value
                    #expect(
                        abs(own - value) <= tolerance(name, value, single.score),
                        "\(photo.file): \(name) is \(own), not \(value)")
                }
            }
        }
    }

    /// 1e-4 of the score where that is the unit, of the number where that is Y squared, else of 1.
    private func tolerance(_ name: String, _ value: Double, _ score: Double) -> Double {
        let share = Double(ActivationMapsTests.tolerance(1e-4))
        return switch name {
        case "insertion", "deletion", "road", "road-morf", "road-lerf", "confidence-drop-absolute": share * score
        case "infidelity": share * value
        default: share
        }
    }
}
