import Foundation
import Imaging
import Network
import Testing
import TestSupport

@testable import ActivationMaps

/// Which masks Score-CAM and its kin try, and what is drawn for them.
struct MaskTests {
    private let photo: Image
    private let explainer: Explainer

    init() throws {
        explainer = try Explainer(contentsOf: Shared.repository + "/Models/catdog.onnx", threads: 2)
        photo = try Image(contentsOf: Shared.repository + "/Photos/dog-and-cat.jpg")
    }

    /// Score-CAM's map by one mask a channel, whatever the channel, of a layer some of whose channels are zero.
    @Test func constantChannelsShareAPass() throws {
        let golden = try Golden("googlenet"), index = try golden.decode(NetworkGoldenTests.Index.self)
        let explainer = try NetworkGoldenTests.explainer("\(golden.path)/torchscript.onnx", index)
        let pixels = try Data(contentsOf: URL(fileURLWithPath: "\(Golden.folder)/photos/\(index.photos["cat"]!.file)"))
        let photo = Image(width: index.width, height: index.height, pixels: [UInt8](pixels))
        let subject = try explainer.subject(photo, .logit(3), layers: [])
        let a = try subject.activation(subject.layers[0])
        #expect((0..<a.channels).count { a.channel($0).allSatisfy { $0 == 0 } } >= 5)
        let expected = a.weighted(by: softmax(try subject.scores(.masked(subject.input, by: a))))
        guard case .channels(let maps) = try ScoreCAM().explain(subject) else { throw Fault() }
        #expect(maxDifference(maps[0].values, expected.values) <= 1e-5 * expected.values.max()!)
    }

    /// All channels, and half of those that vary: the map stays, a remark tells the share.
    @Test func fewChannelsGiveNearlyTheMap() throws {
        let all = try map(ScoreCAM()) { $0.channels = 1_000_000 }
        let layers = try explainer.classifier.layers(named: ["layer2[-1]"])
        let a = try explainer.subject(photo, .logit(1), layers: layers).activation(layers[0])
        let varying = (0..<a.channels).count { k in !a.channel(k).allSatisfy { $0 == a.values[k * a.area] } }
        let half = try map(ScoreCAM()) { $0.channels = varying / 2 }
        #expect(try all.remark == nil && all.input == map(ScoreCAM()) { _ in }.input)
        #expect(correlation(half.input.values, all.input.values) > 0.98 && half.input != all.input)
        let remark = try #require(half.remark).description
        #expect(remark.hasPrefix("\(varying / 2) of \(varying) channels were tried"), "\(remark)")
    }

    /// A mask without noise, at its whole strength, is Score-CAM's.
    @Test func variantsAreOfScoreCAMsMasks() throws {
        let expected = try map(ScoreCAM()) { _ in }.input
        #expect(try maxDifference(map(ISCAM()) { $0.steps = 1 }.input.values, expected.values) <= 1e-5)
        let layers = try explainer.classifier.layers(named: ["layer2[-1]"])
        let subject = try explainer.subject(photo, .logit(1), layers: layers)
        let raw = try MaskScores.map(subject, variants: 3) { _, _, _ in }
        let plain = try UnplacedMap(raw, eigenSmooth: false, of: explainer.classifier.graph).plane
        #expect(maxDifference(plain.values, expected.values) <= 1e-5)
    }

    @Test(arguments: [SSCAM(), SmoothGradCAMPlusPlus()] as [any Method])
    func theSeedDecides(_ method: any Method) throws {
        let maps = try [3, 3, 4].map { seed in
            try map(method) {
                $0.seed = seed
                $0.samples = 2
            }.input
        }
        #expect(maps[0] == maps[1] && maps[0] != maps[2])
    }

    /// Means over more and more noise are alike, whatever the seed.
    @Test(arguments: [(SSCAM(), 60), (SmoothGradCAMPlusPlus(), 16)] as [(any Method, Int)])
    func seedsAgree(_ method: any Method, _ samples: Int) throws {
        let maps = try [1, 2].map { seed in
            try map(method) {
                $0.seed = seed
                $0.samples = samples
            }.input.values
        }
        let agreement = correlation(maps[0], maps[1])
        #expect(agreement > 0.95, "\(method.name): correlation \(agreement)")
    }

    /// Standard normal, and generators of one seed that have nothing in common.
    @Test func noiseIsNormal() {
        let count = 100_000
        var first = SeededGenerator(seed: 9, stream: 0), second = SeededGenerator(seed: 9, stream: 1)
        let x = (0..<count).map { _ in first.gaussian() }, y = (0..<count).map { _ in second.gaussian() }
        let moments = (1...4).map { power -> Double in
            x.reduce(0) { $0 + pow(Double($1), Double(power)) } / Double(count)
        }
        for (moment, expected) in zip(moments, [0, 1, 0, 3.0]) { #expect(abs(moment - expected) < 0.06, "\(moments)") }
        #expect(abs(correlation(x, y)) < 0.015)
    }

    /// At a layer whose gradients depend on the input.
    private func map(_ method: any Method, _ choose: (inout MethodOptions) -> Void) throws -> Map {
        var request = Explainer.Request()
        (request.methods, request.targets) = ([method], .classes([1]))
        request.layers = try explainer.classifier.layers(named: ["layer2[-1]"])
        choose(&request.options)
        return try explainer.explain(photo, request).explained[0].maps[0]
    }

    private struct Fault: Error {}
}
