import Foundation
import Imaging
import Testing
import TestSupport

@testable import ActivationMaps

/// Four real networks on real photos: the five best classes as their makers' runtimes give them.
struct PretrainedTests {
    struct Entry: Decodable {
        let size: Int
        let channelOrder: String
        let mean, std: [Float]
        let photos: [String: [[Best]]]
    }

    /// An entry of [class, label, logit].
    enum Best: Decodable {
        case number(Double), text(String)

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            self =
                if let number = try? value.decode(Double.self) { .number(number) } else {
                    .text(try value.decode(String.self))
                }
        }
    }

    struct Models: Decodable { let models: [String: Entry] }

    @Test func knowsWhatTheyShow() throws {
        guard let path = Shared.path("models/MODELS.json", for: "the best five classes of real networks") else {
            return
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let models = try decoder.decode(Models.self, from: Data(contentsOf: URL(fileURLWithPath: path))).models
        #expect(!models.isEmpty)
        for (file, entry) in models {
            guard let model = Shared.path("models/" + file, for: file) else { continue }
            var options = ModelOptions()
            (options.mean, options.std, options.channelOrder) = (
                entry.mean, entry.std, .init(rawValue: entry.channelOrder)
            )
            options.inputSize = (entry.size, entry.size)
            let explainer = try Explainer(contentsOf: model, options: options, threads: 2)
            var request = Explainer.Request()
            request.methods = []
            for (photo, best) in entry.photos {
                guard let path = Shared.path("photos/" + photo, for: photo) else { continue }
                let scores = try explainer.explain(try Image(contentsOf: path), request).scores
                for (found, expected) in zip(scores, best) {
                    guard case .number(let index) = expected[0], case .text(let label) = expected[1],
                        case .number(let logit) = expected[2]
                    else { Issue.record("\(file) \(photo): not [class, label, logit]"); continue }
                    #expect(found.index == Int(index) && found.label == label, "\(file) \(photo)")
                    #expect(
                        abs(Double(found.logit) - logit) <= 2e-3 * max(1, abs(logit)),
                        "\(file) \(photo) \(label): \(found.logit), not \(logit)")
                }
            }
        }
    }
}
