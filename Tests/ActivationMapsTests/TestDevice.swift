import CUDA
import Foundation
import Network

@testable import ActivationMaps

/// What goldens are compared on: the CPU or, where `$GRADCAM_TEST_DEVICE` is `cuda`, the card that there is, by itself
/// (`make test-cuda` puts a stand-in in its place).
enum TestDevice {
    static let isCard = getenv("GRADCAM_TEST_DEVICE").map { String(cString: $0) } == "cuda"

    static func explainer(_ path: String, _ options: ModelOptions, threads: Int) throws -> Explainer {
        guard isCard else { return try Explainer(contentsOf: path, options: options, threads: threads) }
        let classifier = try Classifier(contentsOf: path, options: options)
        let program = try CUDA.load(classifier.graph, LoadOptions(threads: threads))
        return Explainer(classifier, session: program.session(threads: threads))
    }
}
