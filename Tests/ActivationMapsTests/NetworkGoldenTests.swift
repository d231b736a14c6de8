import Foundation
import Imaging
import Network
import ONNX
import Testing
import TestSupport

@testable import ActivationMaps

/// Every network of Tests/Goldens, from both exporters, and the pretrained ones where they are at hand, against
/// grad-cam 1.5.7 on PyTorch.
struct NetworkGoldenTests {
    struct Index: Decodable {
        struct File: Decodable { let file: String; let exporter: String?; let opset: Int? }
        struct Photo: Decodable { let file: String; let logits: String }
        struct Case: Decodable {
            let photo: String
            let `class`: Int
            let method: String
            let layer: String?
            let tensor: String
        }
        let models: [File]
        let width, height, stride: Int
        let mean, std: [Float]
        let channelOrder: String?
        let layer: String
        let automatic: Bool
        let photos: [String: Photo]
        let cases: [Case]
    }

    static let networks: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: Golden.folder)) ?? []
        let there = names.filter { FileManager.default.fileExists(atPath: "\(Golden.folder)/\($0)/torchscript.onnx") }
        #if DEBUG
        // Small ones: convolutions of all kinds, and a transformer.
        return there.filter { ["mobilenet_v3_small", "regnet", "squeezenet1_1", "timm_mixer"].contains($0) }.sorted()
        #else
        return there.sorted()
        #endif
    }()

    @Test func goldensAreThere() { #expect(Self.networks.count >= amount(15, debug: 4)) }

    @Test(arguments: networks)
    func agreesWithTheOracle(_ name: String) throws {
        let golden = try Golden(name)
        let index = try golden.decode(Index.self)
        for file in index.models {
            let explainer = try Self.explainer(golden.path + "/" + file.file, index)
            try expectAutomatic(explainer, index, name + " " + file.file)
            for (photoName, photo) in index.photos.sorted(by: { $0.key < $1.key }) {
                let pixels = [UInt8](
                    try Data(contentsOf: URL(fileURLWithPath: Golden.folder + "/photos/" + photo.file)))
                let image = Image(width: index.width, height: index.height, pixels: pixels)
                try compare(explainer, image, index, golden, photo: photoName, label: "\(name) \(file.file)")
            }
        }
    }

    @Test(arguments: ["darknet_tiny", "mobilenet_v1_0.5_160", "mobilenet_v2_1.0_224", "squeezenet1.1"])
    func pretrainedAgreesWithTheOracle(_ name: String) throws {
        let golden = try Golden("pretrained/" + name)
        let index = try golden.decode(Index.self)
        guard let model = Shared.path("models/" + index.models[0].file, for: "\(name) against the oracle") else {
            return
        }
        let explainer = try Self.explainer(model, index)
        try expectAutomatic(explainer, index, name)
        for (photoName, photo) in index.photos {
            guard let path = Shared.path("photos/" + photo.file, for: "\(name) on \(photo.file)") else { continue }
            try compare(explainer, try Image(contentsOf: path), index, golden, photo: photoName, label: name)
        }
    }

    /// The layer that the oracle was told of is the one found by itself, or is meant not to be.
    private func expectAutomatic(_ explainer: Explainer, _ index: Index, _ label: String) throws {
        let named = try explainer.classifier.layers(named: [index.layer]),
            found = try explainer.classifier.layers(named: [])
        #expect((found == named) == index.automatic, "\(label): found \(found.map(\.name))")
    }

    static func explainer(_ model: String, _ index: Index) throws -> Explainer {
        var options = ModelOptions()
        (options.mean, options.std) = (index.mean, index.std)
        options.channelOrder = index.channelOrder.flatMap(Preprocessing.ChannelOrder.init)
        if try ImageInput(Model(contentsOf: model)).fixedSize == nil { options.inputSize = (index.width, index.height) }
        return try TestDevice.explainer(model, options, threads: 2)
    }

    private func compare(
        _ explainer: Explainer, _ image: Image, _ index: Index, _ golden: Golden, photo: String, label: String
    ) throws {
        let expected = try golden.tensor(index.photos[photo]!.logits).values
        for single in index.cases where single.photo == photo {
            var request = Explainer.Request()
            request.targets = .classes([single.class])
            request.guided = single.method == "guided"
            request.methods = Methods.named(single.method).map { [$0] } ?? []
            request.layers = try explainer.classifier.layers(
                named: single.layer?.split(separator: ",").map(String.init) ?? [])
            let result = try explainer.explain(image, request)

            let logits = result.scores.sorted { $0.index < $1.index }.map(\.logit)
            let relative = maxDifference(logits, expected) / (expected.map(abs).max() ?? 1)
            #expect(relative <= 1e-3, "\(label), \(photo): logits differ by \(relative) relative")

            let tensor = try golden.tensor(single.tensor)
            if single.method == "guided" {
                let guided = result.explained[0].guided!
                // Goldens are in the order in which the network is fed.
                let isReversed = explainer.classifier.preprocessing.channelOrder == .bgr
                let values =
                    isReversed
                    ? guided.values.indices.map { guided.values[$0 + 2 - 2 * ($0 % 3)] } : guided.values
                let sampled = Self.sample(
                    values, width: guided.width, height: guided.height, depth: 3, stride: index.stride)
                let agreement = correlation(sampled, tensor.values)
                #expect(agreement >= 0.999, "\(label), \(single.tensor): correlation \(agreement)")
                let scale = tensor.values.map(abs).max() ?? 1
                let worst = maxDifference(sampled, tensor.values) / scale
                // Where two numbers under a maximum's window are nearly equal, rounding decides which one the gradient
                // goes to.
                #expect(
                    worst <= tolerance(2e-2), "\(label), \(single.tensor): guided differs by \(worst) of its maximum")
            } else {
                let map = result.explained[0].maps[0].input
                let sampled = Self.sample(
                    map.values, width: map.width, height: map.height, depth: 1, stride: index.stride)
                let worst = maxDifference(sampled, tensor.values)
                // Grad-CAM++ divides by sums that may be nearly nothing: by the order of sums alone, one map of CaiT comes
                // out 5e-4 to 1.1e-3 from the oracle's.
                let most: Float = single.method == "gradcam++" ? 2e-3 : 1e-3
                #expect(worst <= most, "\(label), \(single.tensor): map differs by \(worst)")
            }
        }
    }

    /// Every stride-th row and column.
    static func sample(_ values: [Float], width: Int, height: Int, depth: Int, stride step: Int) -> [Float] {
        var sampled: [Float] = []
        for y in stride(from: 0, to: height, by: step) {
            for x in stride(from: 0, to: width, by: step) {
                sampled += values[(y * width + x) * depth..<(y * width + x + 1) * depth]
            }
        }
        return sampled
    }
}
