/// How many threads the work of one step is spread over. `ThreadPool` holds them.
struct Threads: Sendable {
    let count: Int

    /// Splits 0..<n into at most `count` neighbouring ranges and runs them side by side; a range holds at least
    /// `grain` elements, so that small work stays on the calling thread.
    func split(_ n: Int, grain: Int = 1, _ body: (Range<Int>) -> Void) {
        let parts = min(count, max(1, n / max(grain, 1)))
        guard parts > 1 else { return n > 0 ? body(0..<n) : () }
        each(parts) { part in body(n * part / parts..<n * (part + 1) / parts) }
    }

    /// Runs tasks 0..<n on at most `count` threads, each task on whichever thread is free.
    func each(_ n: Int, _ body: (Int) -> Void) {
        let workers = min(count, n)
        guard workers > 1 else { return (0..<n).forEach(body) }
        withoutActuallyEscaping(body) { task in
            // Where the team is at work for another session, this one does its own work.
            if !ThreadPool.shared.run(n, helpers: workers - 1, task) { (0..<n).forEach(task) }
        }
    }
}
