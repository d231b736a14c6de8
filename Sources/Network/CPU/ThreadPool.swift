import CKernels
import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Threads that stay awake for a moment between one job and the next: a step of a network takes less time than the
/// system needs to wake a thread.
///
/// How a job runs:
/// 1. A caller takes `busy`; who finds it taken is told so. It writes `job`, raises `open`, and then counts `number`.
/// 2. Caller and helpers take tasks by counting `next`, so each runs once. Of the helpers, the first that draw
///    `tickets` may.
/// 3. A helper enters `inside` first and looks at `open` then; the caller lowers `open` first and waits until nobody is
///    `inside` then. So one of them sees the other: a helper that reads `job` is waited for, and what its tasks wrote
///    is there when the caller goes on; one that comes too late leaves `job` alone.
/// 4. A helper that has waited in vain enters `sleepers` first and looks at `number` then; the caller counts `number`
///    first and takes all `sleepers` then, and rings for each. So nobody sleeps through a job; a bell too many wakes a
///    helper for nothing, which is harmless.
final class ThreadPool: Sendable {
    static let shared = ThreadPool()

    /// Tasks 0..<count of one call, taken by whoever is free.
    private struct Job {
        var task: (Int) -> Void = { _ in }
        var count = 0
        var helpers = 0
        /// The core that the caller is on.
        var processor: Int32 = -1
    }

    private let busy = Atomic(false)
    /// Counts jobs; a helper that sees a new number looks whether it can help.
    private let number = Atomic(0)
    private let open = Atomic(false)
    private let next = Atomic(0)
    private let tickets = Atomic(0)
    /// Helpers that may be using the job.
    private let inside = Atomic(0)
    private let sleepers = Atomic(0)
    private let bell = DispatchSemaphore(value: 0)
    /// Written by whoever holds `busy`, while no helper is inside.
    nonisolated(unsafe) private var job = Job()
    nonisolated(unsafe) private var members = 0

    /// Runs tasks 0..<count, each once, on the calling thread and up to `helpers` others; all of them have ended when
    /// it returns. False, with nothing run, where the pool is at work, for somebody else or for the calling task.
    func run(_ count: Int, helpers: Int, _ task: @escaping (Int) -> Void) -> Bool {
        guard busy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else { return false }
        defer { busy.store(false, ordering: .releasing) }
        grow(to: helpers)
        job = Job(task: task, count: count, helpers: helpers, processor: gradcam_current_processor())
        next.store(0, ordering: .relaxed)
        tickets.store(0, ordering: .relaxed)
        open.store(true, ordering: .sequentiallyConsistent)
        number.add(1, ordering: .sequentiallyConsistent)
        let asleep = sleepers.exchange(0, ordering: .sequentiallyConsistent)
        for _ in 0..<asleep { bell.signal() }
        // Whoever was woken on this core gets a chance to leave it.
        if asleep > 0 { sched_yield() }
        takeTasks()
        // From here on nobody comes in; whoever is inside finishes the task at hand.
        open.store(false, ordering: .sequentiallyConsistent)
        Self.wait(turns: .max, yieldingEvery: 50_000) { inside.load(ordering: .sequentiallyConsistent) == 0 }
        job = Job()
        return true
    }

    private func takeTasks() {
        while true {
            let index = next.add(1, ordering: .relaxed).oldValue
            guard index < job.count else { return }
            job.task(index)
        }
    }

    private func help() {
        var seen = 0
        while true {
            let awake = Self.wait(turns: 20_000, yieldingEvery: 1000) { number.load(ordering: .acquiring) != seen }
            if !awake {
                sleepers.add(1, ordering: .sequentiallyConsistent)
                if number.load(ordering: .sequentiallyConsistent) == seen { bell.wait() }
            }
            seen = number.load(ordering: .acquiring)
            inside.add(1, ordering: .sequentiallyConsistent)
            if open.load(ordering: .sequentiallyConsistent), tickets.add(1, ordering: .relaxed).oldValue < job.helpers {
                gradcam_leave_processor(job.processor)
                takeTasks()
            }
            inside.subtract(1, ordering: .sequentiallyConsistent)
        }
    }

    /// Watches for a condition; lets others run now and then. Whether it came within so many turns.
    @discardableResult
    private static func wait(turns: Int, yieldingEvery pause: Int, _ condition: () -> Bool) -> Bool {
        var turn = 0
        while !condition() {
            turn += 1
            if turn == turns { return false }
            if turn % pause == 0 { sched_yield() }
        }
        return true
    }

    private func grow(to count: Int) {
        while members < count {
            #if canImport(Glibc)
            var thread = pthread_t()
            #else
            var thread: pthread_t?
            #endif
            guard
                pthread_create(
                    &thread, nil,
                    { _ in
                        ThreadPool.shared.help(); return nil
                    }, nil) == 0
            else { return }
            pthread_detach(thread)
            members += 1
        }
    }
}
