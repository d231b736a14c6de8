import Platform
import Synchronization

/// Work in several threads whose results are delivered in order.
enum InOrder {
    private struct State<Value, Fault: Error> {
        var taken = 0
        var delivered = 0
        /// Finished, and not delivered yet.
        var finished: [Int: Value] = [:]
        var isDelivering = false
        /// Whether no piece is left.
        var isOver = false
        var fault: Fault?
    }

    /// Does pieces, each by whichever of the workers is free, and delivers one result after the other, never two at a
    /// time, by whichever worker finishes one. A fault of delivery ends the work.
    ///
    /// - Parameters:
    ///   - ahead: so many pieces at the most are taken and not delivered, that what waits for a slow one is bounded.
    ///   - next: the next piece, nil at the end; called by one worker at a time.
    ///   - work: `work(worker, piece)`; called from as many threads as there are workers, each of which has its own
    ///     number, or from fewer where the system has no threads left.
    static func run<Piece, Value, Fault: Error>(
        workers: Int, ahead: Int, next: @escaping () -> Piece?,
        work: @escaping (_ worker: Int, Piece) -> Value,
        deliver: @escaping (Value) throws(Fault) -> Void
    ) throws(Fault) {
        let monitor = Monitor(State<Value, Fault>())
        let calls = Fenced((next: next, work: work, deliver: deliver))
        let source = Mutex(())

        @Sendable func take() -> (index: Int, piece: Fenced<Piece>)? {
            source.withLock { _ in
                let index: Int? = monitor.wait { state in
                    if state.isOver || state.fault != nil { return .some(nil) }
                    return state.taken - state.delivered < max(ahead, workers) ? state.taken : nil
                }
                guard let index else { return nil }
                let piece = calls.value.next()
                monitor.update { state in
                    if piece == nil { state.isOver = true } else { state.taken += 1 }
                }
                return piece.map { (index, Fenced($0)) }
            }
        }
        @Sendable func finish(_ index: Int, _ value: Fenced<Value>) {
            let delivers = monitor.update { state in
                state.finished[index] = value.value
                defer { state.isDelivering = true }
                return !state.isDelivering
            }
            while delivers {
                let first = monitor.update { state -> Value? in
                    let first = state.fault == nil ? state.finished.removeValue(forKey: state.delivered) : nil
                    if first == nil { state.isDelivering = false }
                    return first
                }
                guard let first else { return }
                let fault: Fault?
                do throws(Fault) {
                    try calls.value.deliver(first)
                    fault = nil
                } catch { fault = error }
                monitor.update { state in (state.fault, state.delivered) = (fault, state.delivered + 1) }
            }
        }
        let loop: @Sendable (Int) -> Void = { worker in
            while let (index, piece) = take() { finish(index, Fenced(calls.value.work(worker, piece.value))) }
        }
        let helpers = (1..<max(workers, 1)).compactMap { worker in SystemThread { loop(worker) } }
        loop(0)
        helpers.forEach { $0.join() }
        if let fault = monitor.update({ state in state.fault }) { throw fault }
    }

    /// What only one thread uses at a time.
    private struct Fenced<Value>: @unchecked Sendable {
        let value: Value
        init(_ value: Value) { self.value = value }
    }
}
