import CUDA
import Network
import Synchronization

/// What a run computes on.
final class ComputingDevice: Sendable {
    /// Why it is not the card that was asked for, or is so no longer.
    enum Departure {
        /// There is none, or it cannot run the network.
        case unusable(NetworkError)
        /// The CPU took over in the middle.
        case replaced(CUDA.Replacement)
    }

    /// The card; nil where there is none, or none was asked for.
    let card: CardReport?
    private let departed: Mutex<Departure?>
    private let untold = Mutex<CUDA.Replacement?>(nil)
    private let isNeeded: Bool

    /// Opens the card, where one is asked for.
    ///
    /// - Throws: `.noDevice` where that is needed and not there, or the environment does not let it compute as is asked
    ///   for; `.noPrecision`, and of a card `.conflict`, where the precision that is asked for is not to be had.
    init(_ arguments: Arguments) throws(ArgumentFault) {
        isNeeded = arguments.needsDevice
        guard arguments.device == .cuda else {
            if let precision = arguments.precision, !CPU.precisions.contains(precision) {
                throw .noPrecision(precision)
            }
            card = nil
            departed = Mutex(nil)
            return
        }
        if let precision = arguments.precision, !CUDA.precisions.contains(precision) {
            throw .conflict("--precision \(precision.rawValue)", isNeeded ? "--device cuda" : "--use-cuda")
        }
        if let fault = CUDA.environmentFault(arguments.precision) { throw .noDevice(fault.wording) }
        do throws(NetworkError) {
            card = try CardReport()
            departed = Mutex(nil)
        } catch {
            if isNeeded { throw .noDevice(error.wording) }
            card = nil
            departed = Mutex(.unusable(error))
        }
        if isNeeded, let card, let precision = arguments.precision, !card.precisions.contains(precision) {
            throw .noDevice(
                "\(card.name) is of compute capability \(card.capability), and \(precision.rawValue) needs a newer one: "
                    + "leave out --precision")
        }
    }

    /// nil where the network is computed on what was asked for.
    var departure: Departure? { departed.withLock { $0 } }
    /// Why the CPU took over, where it has since this was last asked.
    func news() -> CUDA.Replacement? {
        untold.withLock { untold -> CUDA.Replacement? in
            let replacement = untold
            untold = nil
            return replacement
        }
    }

    /// Whether the card computes, so far.
    var usesCard: Bool { card != nil && departure == nil }

    /// A network on the card, or on the CPU, which takes float32 for what only a card has.
    ///
    /// - Throws: as `Device.load`; of a card where that is needed.
    func load(_ graph: Graph, _ options: LoadOptions) throws(NetworkError) -> any Program {
        var ofCPU = options
        ofCPU.precision = options.precision?.among(CPU.precisions)
        guard usesCard else { return try CPU.load(graph, ofCPU) }
        do throws(NetworkError) {
            return try CUDA.guarded(graph, options) { [self] replacement in
                if !replacement.isOfSome { departed.withLock { $0 = .replaced(replacement) } }
                untold.withLock { $0 = replacement }
            }
        } catch {
            if isNeeded { throw error }
            departed.withLock { $0 = .unusable(error) }
            return try CPU.load(graph, ofCPU)
        }
    }
}
