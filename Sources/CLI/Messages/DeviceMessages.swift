import CUDA
import Network
import Platform

/// What is computed on.
extension Messages {
    static let usesCPU = "Using CPU for computation"
    static let usesCard = "Using GPU for acceleration"

    /// A card that was asked for cannot be used.
    static func unusable(_ fault: NetworkError) -> String { "\(text(of: fault)); computing on the CPU" }

    /// What `--check` says of one that was asked for and cannot be used.
    static func noCard(_ fault: NetworkError) -> String {
        "cannot be used: \(text(of: fault)); a run would compute on the CPU"
    }

    /// The CPU took over from the card, or does some of its work.
    ///
    /// - Parameters:
    ///   - precision: what it computes with.
    ///   - asked: what the card was to compute with.
    static func replaced(_ replacement: CUDA.Replacement, _ precision: Precision, asked: Precision?) -> String {
        switch replacement {
        case .failed(let fault):
            "\(text(of: fault)); the CPU computes what is not finished, and all that follows, in \(precision.rawValue)"
        case .short(let fault):
            "\(text(of: fault)); the CPU computes what does not fit\(asked == .tf32 ? ", in float32" : ""), and the card "
                + "goes on with the rest"
        case .differs(let difference):
            "the card's numbers\(asked == .tf32 ? " in tf32" : "") differ from the CPU's by "
                + "\(text(of: difference, digits: 4)), so the CPU computes these and all that follows in "
                + "\(precision.rawValue): "
                + (asked == .tf32
                    ? "leave --precision tf32 out; if they differ in float32, too, report it" : "report it")
                + ", with what --check --device cuda prints"
        }
    }

    private static func text(of difference: CUDA.Discrepancy, digits: Int) -> String {
        switch difference {
        case .ofLargest(let share): "\(fixed(share, digits: digits)) of the largest"
        case .ofGradients(let share): "\(fixed(share, digits: digits)) of the mean size of gradients"
        }
    }

    static func card(_ card: CardReport) -> String {
        let libraries = card.libraries.map { "\($0.name) (\($0.path))" }.joined(separator: ", ")
        return "\(card.name), compute capability \(card.capability), \(card.free >> 20) of \(card.memory >> 20) MB "
            + "free; CUDA \(card.driver); \(libraries)".visible + convolutions(card)
    }

    /// What computes convolutions where cuDNN does not, and why it does not.
    private static func convolutions(_ card: CardReport) -> String {
        let passedOver = card.passedOver.joined(separator: "; ").visible
        let reason =
            passedOver.isEmpty
            ? "cuDNN is not on this machine (pip install nvidia-cudnn-cu12, of CUDA 13 nvidia-cudnn-cu13)"
            : "cuDNN cannot be used: \(passedOver)"
        if card.hasCUDNN { return passedOver.isEmpty ? "" : "; not taken: \(passedOver)" }
        return "; convolutions are products of cuBLAS, as \(reason)"
    }

    /// Of a trial that does not agree.
    static let cardDiffers =
        "the card's numbers differ too much from the CPU's: a run would go on with the CPU; report what is printed here"

    static func trial(_ trial: CardTrial) -> String {
        func milliseconds(_ duration: Duration) -> String {
            fixed(Float(duration / .milliseconds(1)), digits: 1) + " ms"
        }
        return "in \(trial.precision.rawValue) \(trial.hasMap ? "scores and map" : "scores") differ by "
            + "\(text(of: trial.difference, digits: 6)) from the CPU's"
            + "; scores in \(milliseconds(trial.card.scores)) (CPU \(milliseconds(trial.cpu.scores))), scores and "
            + "gradient in \(milliseconds(trial.card.gradient)) (CPU \(milliseconds(trial.cpu.gradient)))"
    }
}
