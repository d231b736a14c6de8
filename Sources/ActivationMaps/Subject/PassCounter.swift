/// Told how many of the images that a method runs besides the photo (masked, noisy, with a layer's value replaced) have
/// run, of how many: now and then, and at the end of each stream of them; from the thread that explains.
public typealias PassObserver = (_ method: String, _ done: Int, _ total: Int) -> Void

/// Counts the images of a stream, and tells an observer of the last one, and of some twenty a second before.
private struct PassCounter {
    let total: Int
    let observer: (_ done: Int, _ total: Int) -> Void
    private var done = 0
    private var told = ContinuousClock.now

    init(_ total: Int, _ observer: @escaping (_ done: Int, _ total: Int) -> Void) {
        (self.total, self.observer) = (total, observer)
    }

    /// What another device computes again, where one fails, is not counted twice.
    mutating func count() {
        guard done < total else { return }
        done += 1
        let now = ContinuousClock.now
        guard done == total || now - told >= .milliseconds(50) else { return }
        told = now
        observer(done, total)
    }
}

extension Subject {
    /// Keeps what `keep` does of every image's logits, of so many images, and counts them for the observer.
    func counted<Kept>(_ total: Int, _ keep: @escaping ([Float]) -> Kept) -> ([Float]) -> Kept {
        guard let observer else { return keep }
        var counter = PassCounter(total, observer)
        return { logits in
            counter.count()
            return keep(logits)
        }
    }

    /// Calls `body` for each of so many images that run one by one, and counts them for the observer.
    func forEachPass(_ total: Int, _ body: (Int) throws -> Void) rethrows {
        var counter = observer.map { PassCounter(total, $0) }
        for index in 0..<total {
            try body(index)
            counter?.count()
        }
    }
}
