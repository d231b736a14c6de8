import Imaging
import Testing
import TestSupport

@testable import ActivationMaps

/// What is drawn at random, which no oracle can tell.
struct RandomTests {
    /// Factors of the channels in random Grad-CAM, by one seed after another: uniform in -1..1.
    @Test func weightsAreUniform() throws {
        let weights = try (0..<8).flatMap(weights)
        let count = Float(weights.count), mean = weights.reduce(0, +) / count
        let variance = weights.reduce(0) { $0 + $1 * $1 } / count
        #expect(weights.count > 200 && weights.allSatisfy { abs($0) <= 1.0001 })
        #expect(abs(mean) < 4 * (1 / (3 * count)).squareRoot())
        #expect(abs(variance - 1 / 3) < 4 * (4 / (45 * count)).squareRoot())
    }

    @Test func theSeedDecides() throws {
        #expect(try weights(seed: 5) == weights(seed: 5))
        #expect(try weights(seed: 5) != weights(seed: 6))
        var request = Explainer.Request()
        request.methods = [RandomCAM()]
        let maps = try [7, 7, 8].map { seed in
            request.options.seed = seed
            return try explainer.explain(photo, request).explained[0].maps[0].input
        }
        #expect(maps[0] == maps[1] && maps[0] != maps[2])
    }

    private let explainer: Explainer
    private let photo: Image

    init() throws {
        explainer = try Explainer(contentsOf: Shared.repository + "/Models/catdog.onnx", threads: 2)
        photo = try Image(contentsOf: Shared.repository + "/Photos/dog-and-cat.jpg")
    }

    /// Of the channels that are not zero everywhere.
    private func weights(seed: Int) throws -> [Float] {
        var options = MethodOptions()
        options.seed = seed
        let subject = try explainer.subject(photo, .logit(0), layers: [], options: options)
        let a = try subject.activation(subject.layers[0])
        guard case .channels(let maps) = try RandomCAM().explain(subject) else { return [] }
        return (0..<a.channels).compactMap { k in
            let peak = a.channel(k).indices.max { abs(a.values[$0]) < abs(a.values[$1]) }!
            return a.values[peak] == 0 ? nil : maps[0].values[peak] / a.values[peak]
        }
    }
}
