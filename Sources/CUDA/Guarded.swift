import Network
import Synchronization

/// Kinds of work, each of which is compared with the CPU's when a device first does it.
enum Work: Hashable, Sendable {
    /// Scores, what is recorded, and plain gradients at layers.
    case run
    case resumed
    /// Streams of images: written by the host, masked on the device, and values in the middle of the network.
    case written, masked, suffix
    /// Gradients by another rule than the plain one, or at the input.
    case walk(RectifierRule)
}

/// A network on a device whose answers are looked at: each kind of work is compared with the CPU's when it is first
/// done, and where the two differ, or the device fails, the CPU goes on, from the beginning of whatever is being
/// computed. Nothing leaves it that the device computed before that kind of work was compared.
package final class GuardedProgram: Program {
    /// The most that a score, of the largest, and a map, of 1, may differ from the CPU's.
    package static let tolerance: Float = 1e-3

    package let graph: Graph
    let device: any Program
    private let options: LoadOptions
    /// The program of the CPU that took over.
    private let taken = Mutex<(any Program)?>(nil)
    /// What was compared and agrees; held while something is compared, so that others wait for what comes out.
    private let compared = Mutex<Set<Work>>([])
    private let tell: @Sendable (CUDA.Replacement) -> Void

    package var precision: Precision { device.precision }

    /// - Parameter tell: is called once, where the CPU takes over.
    package init(
        _ device: any Program, _ options: LoadOptions, telling tell: @escaping @Sendable (CUDA.Replacement) -> Void
    ) {
        (graph, self.device, self.options, self.tell) = (device.graph, device, options, tell)
    }

    package func session(threads: Int) -> any Session { GuardedSession(self, threads: threads) }

    /// Another network's program on the same device, guarded, too.
    func other(_ program: any Program) -> GuardedProgram { GuardedProgram(program, options, telling: tell) }

    /// The program of the CPU that took over; nil where the device computes.
    var replacement: (any Program)? { taken.withLock { $0 } }

    /// The CPU takes over, if it has not.
    func replace(_ reason: CUDA.Replacement) throws(NetworkError) {
        // As precise as what is told of the device.
        var options = options
        options.precision = precision
        let onCPU = options
        let isNew = taken.withLock { taken -> Result<Bool, NetworkError> in
            guard taken == nil else { return .success(false) }
            do throws(NetworkError) {
                taken = try CPU.load(graph, onCPU)
                return .success(true)
            } catch {
                return .failure(error)
            }
        }
        if try isNew.get() { tell(reason) }
    }

    /// A session of the CPU's to compare with, in float32.
    func reference(threads: Int) throws(NetworkError) -> any Session {
        var options = LoadOptions(threads: threads, expectedImages: 1)
        options.precision = .float32
        return try CPU.load(graph, options).session(threads: threads)
    }

    /// Has one caller compare a kind of work, if it has not been, while others that come to it wait. Where it differs,
    /// or the device fails, the CPU takes over.
    ///
    /// - Parameter difference: of the device's numbers from the CPU's.
    func settle(_ work: Work, _ difference: () throws(NetworkError) -> Float) throws(NetworkError) {
        let settled = compared.withLock { compared -> Result<Void, NetworkError> in
            guard !compared.contains(work), replacement == nil else { return .success(()) }
            do throws(NetworkError) {
                if let reason = try fault(difference) { try replace(reason) } else { compared.insert(work) }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try settled.get()
    }

    private func fault(_ difference: () throws(NetworkError) -> Float) throws(NetworkError) -> CUDA.Replacement? {
        do throws(NetworkError) {
            let found = try difference()
            // What is no number differs, too.
            return found <= Self.tolerance ? nil : .differs(found)
        } catch {
            guard case .device = error else { throw error }
            return .failed(error)
        }
    }
}
