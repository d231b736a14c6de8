import CUDA
import Network
import Platform

/// What is computed on.
extension Messages {
    static let usesCPU = "Using CPU for computation"
    static let usesCard = "Using GPU for acceleration"

    /// A card that was asked for cannot be used.
    static func unusable(_ fault: NetworkError) -> String { "\(text(of: fault)); computing on the CPU" }

    /// The CPU took over from the card.
    static func replaced(_ replacement: CUDA.Replacement) -> String {
        switch replacement {
        case .failed(let fault):
            "\(text(of: fault)); the CPU begins anew with what was not finished, and goes on"
        case .differs(let difference):
            "the card's numbers differ from the CPU's by \(fixed(difference, digits: 4)) of the largest, so the CPU "
                + "computes these and all that follows: report it, with what --check --device cuda prints"
        }
    }

    static func card(_ card: CardReport) -> String {
        let libraries = card.libraries.map { "\($0.name) (\($0.path))" }.joined(separator: ", ")
        return "\(card.name), compute capability \(card.capability), \(card.free >> 20) of \(card.memory >> 20) MB "
            + "free; CUDA \(card.driver); \(libraries)".visible
    }

    static func trial(_ trial: CardTrial) -> String {
        func milliseconds(_ duration: Duration) -> String {
            fixed(Float(duration / .milliseconds(1)), digits: 1) + " ms"
        }
        return "scores and map differ by \(fixed(trial.difference, digits: 6)) of the largest from the CPU's"
            + (trial.agrees ? "" : ", too much: a run goes on with the CPU; report it")
            + "; scores in \(milliseconds(trial.card.scores)) (CPU \(milliseconds(trial.cpu.scores))), scores and "
            + "gradient in \(milliseconds(trial.card.gradient)) (CPU \(milliseconds(trial.cpu.gradient)))"
    }
}
