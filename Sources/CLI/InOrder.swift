import Platform
import Synchronization

/// Work in several threads whose results are delivered in order.
enum InOrder {
    private struct Progress<Value, Fault: Error> {
        var taken = 0
        var delivered = 0
        /// Finished before one that comes first.
        var waiting: [Int: Value] = [:]
        var fault: Fault?
    }

    /// Does pieces 0..<count, each by whichever of the workers is free, and delivers one result after the other, never
    /// two at a time. A fault of delivery ends the work.
    ///
    /// - Parameter work: `work(worker, index)`; called from as many threads as there are workers, each of which has its
    ///   own number, or from fewer where the system has no threads left.
    static func run<Value, Fault: Error>(
        _ count: Int, workers: Int, work: @escaping (_ worker: Int, _ index: Int) -> Value,
        deliver: @escaping (_ index: Int, Value) throws(Fault) -> Void
    ) throws(Fault) {
        let progress = Mutex(Fenced(Progress<Value, Fault>()))
        let calls = Fenced((work: work, deliver: deliver))

        /// The next piece, where there is one.
        @Sendable func take() -> Int? {
            progress.withLock { progress in
                guard progress.value.taken < count, progress.value.fault == nil else { return nil }
                progress.value.taken += 1
                return progress.value.taken - 1
            }
        }
        @Sendable func finish(_ index: Int, _ result: Fenced<Value>) {
            progress.withLock { progress in
                progress.value.waiting[index] = result.value
                while progress.value.fault == nil,
                    let next = progress.value.waiting.removeValue(forKey: progress.value.delivered)
                {
                    do throws(Fault) { try calls.value.deliver(progress.value.delivered, next) } catch {
                        progress.value.fault = error
                    }
                    progress.value.delivered += 1
                }
            }
        }
        let loop: @Sendable (Int) -> Void = { worker in
            while let index = take() { finish(index, Fenced(calls.value.work(worker, index))) }
        }
        let helpers = (1..<max(workers, 1)).compactMap { worker in SystemThread { loop(worker) } }
        loop(0)
        helpers.forEach { $0.join() }
        if let fault = progress.withLock({ progress in progress.value.fault }) { throw fault }
    }

    /// What only one thread uses at a time.
    private struct Fenced<Value>: @unchecked Sendable {
        var value: Value
        init(_ value: Value) { self.value = value }
    }
}
