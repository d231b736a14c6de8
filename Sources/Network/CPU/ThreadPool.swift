import CPlatform
import Dispatch
import Platform
import Synchronization

/// Threads that help one caller at a time, and stay awake for a moment between one job and the next: a step of a
/// network takes less time than the system needs to wake a thread. They are made when they are first needed, sleep
/// where no job comes, and end with the pool.
final class ThreadPool: Sendable {
    private let crew = Crew()
    /// Used by whoever holds `crew.busy`, and by `deinit`.
    nonisolated(unsafe) private var helpers: [SystemThread] = []

    /// Runs tasks 0..<count on the calling thread and up to `helpers` others. False, with nothing run, where the pool
    /// is at work for somebody else, or for the task that calls.
    func run(_ count: Int, helpers: Int, _ task: @escaping (Int) -> Void) -> Bool {
        guard crew.take() else { return false }
        defer { crew.giveBack() }
        while self.helpers.count < helpers, let helper = SystemThread({ [crew] in crew.help() }) {
            self.helpers.append(helper)
        }
        crew.run(count, helpers: helpers, task)
        return true
    }

    deinit {
        crew.end()
        for helper in helpers { helper.join() }
    }
}

/// What a pool's threads share. Its protocol, where "job" is the tasks 0..<count of one call:
///
/// - **One caller.** Who turns `busy` from false to true (acquiring; releasing when it is given back) is the caller.
///   The caller alone writes `job`, and only while `open` is false and `inside` is 0.
/// - **Opening.** The caller writes `job`, sets `next` and `tickets` to 0, then sets `open` (which publishes all three)
///   and counts `number` up, for which helpers watch.
/// - **Coming in.** A helper counts itself into `inside`, *then* reads `open`, and reads `job` only where that is true
///   and its ticket is one of those that the job has for helpers.
/// - **Closing.** The caller clears `open`, *then* waits until `inside` is 0. These two pairs are sequentially
///   consistent, so that of a helper that comes in while the caller closes, either the helper sees that it is closed,
///   or the caller sees that it is inside. A helper's subtraction from `inside`, which the caller reads, publishes what
///   its tasks wrote.
/// - **Sleeping.** A helper counts itself into `sleepers`, *then* reads `number` once more before it waits for the
///   bell; the caller counts `number` up, *then* reads `sleepers` and rings for each: the same pattern, so that nobody
///   sleeps through a job. A ring too many only makes a helper look in vain.
/// - **Tasks.** `next` and `tickets` give every number once, and need no order besides: relaxed.
/// - **The end.** The owner, when nobody calls any more, sets `ended`, counts `number` up and rings; then joins.
private final class Crew: Sendable {
    private struct Job {
        var task: (Int) -> Void = { _ in }
        var count = 0
        var helpers = 0
        /// The processor that the caller is on.
        var processor: Int32 = -1
    }

    private let busy = Atomic(false)
    private let number = Atomic(0)
    private let open = Atomic(false)
    private let ended = Atomic(false)
    private let next = Atomic(0)
    private let tickets = Atomic(0)
    private let inside = Atomic(0)
    private let sleepers = Atomic(0)
    private let bell = DispatchSemaphore(value: 0)
    nonisolated(unsafe) private var job = Job()

    func take() -> Bool { busy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged }
    func giveBack() { busy.store(false, ordering: .releasing) }

    /// Runs a job; to be called by the caller alone.
    func run(_ count: Int, helpers: Int, _ task: @escaping (Int) -> Void) {
        job = Job(task: task, count: count, helpers: helpers, processor: current_processor())
        next.store(0, ordering: .relaxed)
        tickets.store(0, ordering: .relaxed)
        open.store(true, ordering: .sequentiallyConsistent)
        // Whoever was woken on this processor gets a chance to leave it.
        if wake() { sched_yield() }
        takeTasks()
        open.store(false, ordering: .sequentiallyConsistent)
        Self.wait(turns: .max, yieldingEvery: 50_000) { inside.load(ordering: .sequentiallyConsistent) == 0 }
        job = Job()
    }

    /// Lets the helpers return; to be called when no job will come.
    func end() {
        ended.store(true, ordering: .releasing)
        wake()
    }

    /// What a helper does until the end.
    func help() {
        var seen = 0
        while true {
            let awake = Self.wait(turns: 20_000, yieldingEvery: 1000) { number.load(ordering: .acquiring) != seen }
            if !awake {
                sleepers.add(1, ordering: .sequentiallyConsistent)
                if number.load(ordering: .sequentiallyConsistent) == seen { bell.wait() }
            }
            seen = number.load(ordering: .acquiring)
            if ended.load(ordering: .acquiring) { return }
            inside.add(1, ordering: .sequentiallyConsistent)
            if open.load(ordering: .sequentiallyConsistent), tickets.add(1, ordering: .relaxed).oldValue < job.helpers {
                leave_processor(job.processor)
                takeTasks()
            }
            inside.subtract(1, ordering: .sequentiallyConsistent)
        }
    }

    /// Makes helpers look, those asleep too; whether there were any.
    @discardableResult
    private func wake() -> Bool {
        number.add(1, ordering: .sequentiallyConsistent)
        let asleep = sleepers.exchange(0, ordering: .sequentiallyConsistent)
        for _ in 0..<asleep { bell.signal() }
        return asleep > 0
    }

    private func takeTasks() {
        while true {
            let index = next.add(1, ordering: .relaxed).oldValue
            guard index < job.count else { return }
            job.task(index)
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
}
