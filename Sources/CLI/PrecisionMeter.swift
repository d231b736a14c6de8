import ActivationMaps
import Imaging
import Network
import Synchronization

/// Measures, on the first photo that is explained, what a precision that was asked for costs.
final class PrecisionMeter: Sendable {
    enum Reading {
        case measured(Precision, PrecisionLoss)
        /// Why it could not be.
        case failed(Precision, any Error)

        var loss: PrecisionLoss? { if case .measured(_, let loss) = self { loss } else { nil } }
    }

    private let isDone = Mutex(false)
    private let threads: Int?

    /// nil where there is nothing to measure.
    init?(_ arguments: Arguments) {
        guard let precision = arguments.precision, precision != .float32 else { return nil }
        threads = arguments.threads
    }

    /// nil where it is measured already, or where float32 is computed with in the place of what was asked for.
    func loss(
        of photo: Image, _ targets: Explainer.Targets, _ request: Explainer.Request, by explainer: Explainer
    ) -> Reading? {
        let isFirst = isDone.withLock { isDone in
            defer { isDone = true }
            return !isDone
        }
        guard isFirst, explainer.precision != .float32 else { return nil }
        do {
            var options = LoadOptions(threads: threads, expectedImages: 1)
            options.precision = .float32
            let session = try CPU.load(explainer.classifier.graph, options).session(threads: options.threads)
            let reference = Explainer(explainer.classifier, session: session)
            var request = request
            request.targets = targets
            return .measured(explainer.precision, try explainer.precisionLoss(of: photo, request, against: reference))
        } catch {
            return .failed(explainer.precision, error)
        }
    }
}
