import Foundation
import Imaging
import Network
import Testing
import TestSupport

@testable import ActivationMaps

/// Smoothing, means of several layers, targets that weigh several classes, gradients by every rule, and copies of an
/// explainer, against grad-cam 1.5.7 and PyTorch's autograd (`Tests/Goldens/options`), in the files of both exporters.
struct OptionGoldenTests {
    struct MapCase: Decodable, CustomTestStringConvertible {
        let network, photo: String
        /// From a class's index to its weight.
        let target: [String: Float]
        let method: String
        let layers: [String]
        let smoothing, tensor: String
        var testDescription: String { tensor }
    }

    struct GradientCase: Decodable, CustomTestStringConvertible {
        let network, photo: String
        let target: [String: Float]
        let rule: String
        /// nil: at the input.
        let layer: String?
        let tensor: String
        var testDescription: String { tensor }
    }

    struct Index: Decodable {
        let maps: [MapCase]
        let gradients: [GradientCase]
    }

    static let index = try? Golden("options").decode(Index.self)
    static let maps = index?.maps ?? []
    static let gradients = index?.gradients ?? []
    static let networks = Set(maps.map(\.network)).sorted()

    @Test func goldensAreThere() {
        #expect(Self.networks.count >= 6 && Self.maps.count >= 75 && Self.gradients.count >= 40)
        #expect(Set(Self.gradients.map(\.rule)).isSuperset(of: ["plain", "guided", "deconvnet"]))
    }

    /// Maps of one class, as a caller asks for them.
    @Test(arguments: maps.filter { $0.target.count == 1 })
    func mapAgrees(_ single: MapCase) throws {
        let expected = try Golden("options").tensor(single.tensor).values
        for subject in try PhotoCase.all(of: single.network, photo: single.photo) {
            let map = try subject.explain(single, with: subject.explainer)
            let worst = maxDifference(subject.sampled(map.values, depth: 1), expected)
            #expect(worst <= tolerance(1e-4), "\(subject.file): the map differs by \(worst)")
        }
    }

    /// Maps of a weighted sum of logits.
    @Test(arguments: maps.filter { $0.target.count > 1 && $0.smoothing == "none" })
    func weightedTargetAgrees(_ single: MapCase) throws {
        let expected = try Golden("options").tensor(single.tensor).values
        for subject in try PhotoCase.all(of: single.network, photo: single.photo) {
            let worst = maxDifference(subject.sampled(try subject.map(single).values, depth: 1), expected)
            #expect(worst <= 1e-3, "\(subject.file): the map differs by \(worst)")
        }
    }

    @Test(arguments: gradients)
    func gradientAgrees(_ single: GradientCase) throws {
        let tensor = try Golden("options").tensor(single.tensor)
        let greatest = tensor.values.map(abs).max() ?? 1
        for subject in try PhotoCase.all(of: single.network, photo: single.photo) {
            let gradient = try subject.gradient(single)
            let found = single.layer == nil ? subject.sampled(pixels(gradient), depth: 3) : gradient.values
            let agreement = correlation(found, tensor.values)
            #expect(agreement >= 0.999, "\(subject.file): correlation \(agreement)")
            let worst = maxDifference(found, tensor.values) / greatest
            #expect(worst <= 2e-2, "\(subject.file): the gradient differs by \(worst) of its maximum")
        }
    }

    /// A copy of an explainer, at work in another thread at the same time, says to the last bit what the first one
    /// says.
    @Test(arguments: networks)
    func copyAgrees(_ network: String) async throws {
        let cases = Self.maps.filter { $0.network == network && $0.target.count == 1 && $0.smoothing != "aug" }
        for subject in try PhotoCase.all(of: network, photo: "cat") {
            let first = Worker(subject: subject, explainer: subject.explainer)
            let copy = Worker(subject: subject, explainer: subject.explainer.copy(threads: 2))
            async let one = first.maps(of: cases)
            async let other = copy.maps(of: cases.reversed())
            let (expected, found) = try await (one, other.reversed())
            #expect(expected == Array(found), "\(subject.file)")
        }
    }
}

/// An explainer that one thread at a time has to itself.
private struct Worker: @unchecked Sendable {
    let subject: PhotoCase
    let explainer: Explainer

    func maps(of cases: [OptionGoldenTests.MapCase]) async throws -> [Plane] {
        try cases.map { try subject.explain($0, with: explainer) }
    }
}

/// A photo in front of one of a network's files.
struct PhotoCase {
    let file: String
    let explainer: Explainer
    let photo: Image
    let stride: Int

    static func all(of network: String, photo: String) throws -> [PhotoCase] {
        let golden = try Golden(network)
        let index = try golden.decode(NetworkGoldenTests.Index.self)
        let pixels = try Data(contentsOf: URL(fileURLWithPath: "\(Golden.folder)/photos/\(index.photos[photo]!.file)"))
        return try index.models.map { model in
            PhotoCase(
                file: model.file, explainer: try NetworkGoldenTests.explainer("\(golden.path)/\(model.file)", index),
                photo: Image(width: index.width, height: index.height, pixels: [UInt8](pixels)), stride: index.stride)
        }
    }

    /// The elements of an input-sized array that goldens keep.
    func sampled(_ values: [Float], depth: Int) -> [Float] {
        NetworkGoldenTests.sample(values, width: photo.width, height: photo.height, depth: depth, stride: stride)
    }

    /// The map of a case of one class.
    func explain(_ single: OptionGoldenTests.MapCase, with explainer: Explainer) throws -> Plane {
        var request = Explainer.Request()
        request.targets = .classes(single.target.keys.compactMap { Int($0) })
        request.methods = [try #require(Methods.named(single.method))]
        request.layers = try explainer.classifier.layers(named: single.layers)
        request.augSmooth = single.smoothing.contains("aug")
        request.eigenSmooth = single.smoothing.contains("eigen")
        return try explainer.explain(photo, request).explained[0].maps[0].input
    }

    /// The map of a case of any target.
    func map(_ single: OptionGoldenTests.MapCase) throws -> Plane {
        let method = try #require(Methods.named(single.method))
        let subject = try explainer.subject(
            photo, .weights(weights(single.target)), layers: try explainer.classifier.layers(named: single.layers))
        let raw = try method.explain(subject)
        return try UnplacedMap(raw, eigenSmooth: false, of: explainer.classifier.graph).plane
    }

    /// Channels x height x width.
    func gradient(_ single: OptionGoldenTests.GradientCase) throws -> FeatureMap {
        let rules: [String: RectifierRule] = ["plain": .plain, "guided": .guided, "deconvnet": .deconvnet]
        let rule = try #require(rules[single.rule])
        let graph = explainer.classifier.graph
        let value = try single.layer.map { try explainer.classifier.layers(named: [$0])[0].value } ?? graph.input
        let run = try CPUProgram(graph).session(threads: 2).run(
            [explainer.classifier.preprocessing.tensor(from: photo)], recording: Recording(gradients: [value]))
        return graph.featureMap(
            try run.gradients([weights(single.target)], at: [value], rule: rule)[0][0], at: value)
    }

    /// One weight a class.
    private func weights(_ target: [String: Float]) -> [Float] {
        (0..<explainer.classifier.graph.classes).map { target[String($0)] ?? 0 }
    }
}

/// From channels x height x width to height x width x channels.
private func pixels(_ map: FeatureMap) -> [Float] {
    (0..<map.area).flatMap { pixel in (0..<map.channels).map { map.values[$0 * map.area + pixel] } }
}
