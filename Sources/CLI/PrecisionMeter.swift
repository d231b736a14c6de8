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
    private let wanted: Precision
    private let threads: Int?

    /// nil where there is nothing to measure.
    init?(_ arguments: Arguments) {
        guard let precision = arguments.precision, precision != .float32 else { return nil }
        (wanted, threads) = (precision, arguments.threads)
    }

    /// nil where it is measured already, or where some of this was computed with another precision in the place of what
    /// was asked for: then the next photo's is measured.
    ///
    /// - Parameter explanation: of the photo.
    func loss(
        of photo: Image, _ targets: Explainer.Targets, _ request: Explainer.Request, _ explanation: Explanation,
        by explainer: Explainer
    ) -> Reading? {
        guard isWanted(explanation.computations), begins() else { return nil }
        do {
            var options = LoadOptions(threads: threads, expectedImages: 1)
            options.precision = .float32
            let session = try CPU.load(explainer.classifier.graph, options).session(threads: options.threads)
            let reference = Explainer(explainer.classifier, session: session)
            var request = request
            request.targets = targets
            let loss = try explainer.precisionLoss(of: photo, request, against: reference)
            if isWanted(loss.computations) { return .measured(wanted, loss) }
            isDone.withLock { $0 = false }
            return nil
        } catch {
            return .failed(wanted, error)
        }
    }

    /// Whether nobody has begun before.
    private func begins() -> Bool {
        isDone.withLock { isDone in
            defer { isDone = true }
            return !isDone
        }
    }

    private func isWanted(_ computations: [Computation]) -> Bool { computations.allSatisfy { $0.precision == wanted } }
}
