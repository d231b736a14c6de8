import Foundation
import Imaging
import Network
import Testing
import TestSupport

@testable import ActivationMaps

/// Maps at the input against Captum, PyTorch's autograd, OpenCV's Sobel and the papers' formulas
/// (`Tests/Goldens/inputs`), in the files of both exporters; and what such maps have in common.
struct InputGoldenTests {
    struct MapCase: Decodable, CustomTestStringConvertible {
        struct Options: Decodable { let samples, steps, seed: Int?; let baseline: String? }
        let network, photo: String
        let `class`: Int
        let method: String
        let options: Options
        let tensor: String
        var testDescription: String { tensor }

        var methodOptions: MethodOptions {
            var result = MethodOptions()
            (result.samples, result.steps, result.seed) = (options.samples, options.steps, options.seed ?? 0)
            result.baseline = options.baseline.flatMap(MethodOptions.Baseline.init) ?? .zero
            return result
        }
    }
    struct Index: Decodable { let maps: [MapCase] }

    static let maps = (try? Golden("inputs").decode(Index.self))?.maps ?? []
    static let atInput = Methods.all.filter { !$0.explainsLayers }

    @Test func goldensAreThere() {
        #expect(Self.maps.count >= 60)
        #expect(Set(Self.maps.map(\.method)).count == 10)
    }

    @Test(arguments: maps)
    func mapAgrees(_ single: MapCase) throws {
        let expected = try Golden("inputs").tensor(single.tensor).values, golden = try Golden(single.network)
        let index = try golden.decode(NetworkGoldenTests.Index.self)
        let bytes = try Data(
            contentsOf: URL(fileURLWithPath: "\(Golden.folder)/photos/\(index.photos[single.photo]!.file)"))
        let photo = Image(width: index.width, height: index.height, pixels: [UInt8](bytes))
        var request = Explainer.Request()
        request.targets = .classes([single.class])
        request.methods = [try #require(Methods.named(single.method))]
        request.options = single.methodOptions
        for model in index.models {
            let explainer = try NetworkGoldenTests.explainer("\(golden.path)/\(model.file)", index)
            let map = try explainer.explain(photo, request).explained[0].maps[0].input
            let found = NetworkGoldenTests.sample(
                map.values, width: index.width, height: index.height, depth: 1, stride: index.stride)
            let worst = maxDifference(found, expected)
            // Gradients turn where a rectifier does, which rounding decides.
            let most: Float = CPU.precision == .float32 ? 1e-3 : 2e-2
            #expect(worst <= most, "\(model.file): the map differs by \(worst)")
        }
    }

    /// Weights of Gauss and Legendre's rule are those of integrals over 0..1: exact for x^(2n-1), not for x^(2n).
    @Test(arguments: [1, 2, 7, 50])
    func integralsOfPowersAreExact(_ points: Int) {
        let rule = gaussLegendre(points: points)
        func integral(_ power: Int) -> Double {
            rule.reduce(0) { $0 + Double($1.weight) * pow(Double($1.place), Double(power)) }
        }
        for power in [0, 1, 2 * points - 1] { #expect(abs(integral(power) * Double(power + 1) - 1) < 1e-5) }
        if points < 3 { #expect(abs(integral(2 * points) * Double(2 * points + 1) - 1) > 1e-3) }
    }

    /// A map at the input is the same for whatever layers are named, and needs none.
    @Test(arguments: atInput.map(\.name))
    func layersMeanNothing(_ name: String) throws {
        let explainer = try Explainer(contentsOf: Shared.repository + "/Models/catdog.onnx", threads: 2)
        guard let method = Methods.of(explainer.classifier.graph).first(where: { $0.name == name }) else { return }
        let photo = try Image(contentsOf: Shared.repository + "/Photos/dog-and-cat.jpg")
        var request = Explainer.Request()
        request.methods = [method]
        (request.options.samples, request.options.steps) = (4, 4)
        let alone = try explainer.explain(photo, request)
        #expect(alone.layers.isEmpty)
        request.layers = Array(explainer.classifier.graph.layers.prefix(2))
        request.methods = [GradCAM(), method]
        let beside = try explainer.explain(photo, request)
        #expect(beside.explained[0].maps[1].input == alone.explained[0].maps[0].input)
    }

    /// Attributions sum to what the score rose by, and the remark says so; one step's do not, and it says that.
    @Test func completenessIsTold() throws {
        let explainer = try Explainer(contentsOf: Shared.repository + "/Models/catdog.onnx", threads: 2)
        let photo = try Image(contentsOf: Shared.repository + "/Photos/dog.jpg")
        for (method, steps, isComplete) in [
            (IntegratedGradients() as any Method, 200, true), (IntegratedGradients(), 1, false), (BlurIG(), 200, true),
        ] {
            var request = Explainer.Request()
            (request.methods, request.options.steps) = ([method], steps)
            let remark = try #require(try explainer.explain(photo, request).explained[0].maps[0].remark?.description)
            #expect(remark.contains("attributions sum to"))
            #expect(remark.contains("steps") != isComplete, "\(method.name), \(steps): \(remark)")
        }
    }

    /// Masks of RISE: of the input's size, in 0..1, half on the mean, others by another seed; maps of two seeds agree.
    @Test func randomMasksAverageOut() throws {
        let masks = RandomMasks(width: 45, height: 30, seed: 1)
        let values = (0..<400).flatMap(masks.mask)
        #expect(values.count == 400 * 45 * 30 && values.allSatisfy { (0...1).contains($0) })
        #expect(abs(values.reduce(0, +) / Float(values.count) - 0.5) < 0.02)
        #expect(masks.mask(0) != masks.mask(1))

        let explainer = try Explainer(contentsOf: Shared.repository + "/Models/catdog.onnx", threads: 2)
        let photo = try Image(contentsOf: Shared.repository + "/Photos/dog.jpg")
        var request = Explainer.Request()
        request.methods = [RISE()]
        let maps = try [1, 2, 1].map { seed in
            (request.options.seed, request.options.samples) = (seed, amount(1000, debug: 100))
            return try explainer.explain(photo, request).explained[0].maps[0].input
        }
        #expect(maps[0] == maps[2] && maps[0] != maps[1])
        #expect(correlation(maps[0].values, maps[1].values) > Double(amount(80, debug: 10)) / 100)
    }
}
