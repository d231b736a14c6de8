/// Over how many threads the work of one step is spread, and the pool that they come from. A copy means the same pool;
/// the pool's threads end with its last copy.
package struct Threads: Sendable {
    package let count: Int
    private let pool: ThreadPool?

    /// A pool of its own, where there is more than one thread.
    package init(count: Int) {
        self.count = max(1, count)
        pool = count > 1 ? ThreadPool() : nil
    }

    /// Splits 0..<n into at most `count` neighbouring ranges and runs them side by side; a range holds at least
    /// `grain` elements, so that small work stays on the calling thread.
    func split(_ n: Int, grain: Int = 1, _ body: (Range<Int>) -> Void) { parts(n, grain: grain) { body($1) } }

    /// The same with each range's number, below `count`, for scratch memory of its own.
    func parts(_ n: Int, grain: Int = 1, _ body: (Int, Range<Int>) -> Void) {
        let parts = min(count, max(1, n / max(grain, 1)))
        guard parts > 1 else { return n > 0 ? body(0, 0..<n) : () }
        each(parts) { part in body(part, n * part / parts..<n * (part + 1) / parts) }
    }

    /// Runs tasks 0..<n on at most `count` threads, each task on whichever thread is free.
    package func each(_ n: Int, _ body: (Int) -> Void) {
        let workers = min(count, n)
        guard workers > 1, let pool else { return (0..<n).forEach(body) }
        withoutActuallyEscaping(body) { task in
            // Where the pool is at work for another thread, this one does its own work.
            if !pool.run(n, helpers: workers - 1, task) { (0..<n).forEach(task) }
        }
    }
}
