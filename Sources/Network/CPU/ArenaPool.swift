import Synchronization

/// One aligned allocation, which a run works in.
final class Arena: Sendable {
    let count: Int
    nonisolated(unsafe) let base: UnsafeMutablePointer<Float>

    /// - Parameter count: numbers.
    init(count: Int, within limit: MemoryLimit, for purpose: @autoclosure () -> Wording) throws(MemoryShortage) {
        self.count = count
        base = try Memory.allocate(count, within: limit, for: purpose())
    }

    deinit { Memory.release(base, count) }
}

/// Arenas that are lent and given back, so that memory is allocated, and its pages touched, once. Of those that wait
/// none is much larger than what asks for it, and one that is too small makes room for the one that takes its place; so
/// as many wait as were lent at once, of each size within a factor of two.
final class ArenaPool: Sendable {
    private let limit: MemoryLimit
    private let waiting = Mutex<[Arena]>([])

    init(limit: MemoryLimit) { self.limit = limit }

    /// - Parameters:
    ///   - count: numbers that it holds at least.
    ///   - others: numbers for which there must be memory besides.
    func borrow(
        _ count: Int, leaving others: Int, for purpose: @autoclosure () -> Wording
    ) throws(MemoryShortage) -> Arena {
        do throws(MemoryShortage) {
            return try find(count, leaving: others, for: purpose())
        } catch {
            // What waits is not needed now.
            waiting.withLock { $0.removeAll() }
            return try find(count, leaving: others, for: purpose())
        }
    }

    private func find(
        _ count: Int, leaving others: Int, for purpose: @autoclosure () -> Wording
    ) throws(MemoryShortage) -> Arena {
        if let arena = take(count) {
            try Memory.check(others, within: limit, for: purpose())
            return arena
        }
        try Memory.check(count + others, within: limit, for: purpose())
        return try Arena(count: count, within: limit, for: purpose())
    }

    /// One that waits and fits.
    private func take(_ count: Int) -> Arena? {
        waiting.withLock { arenas in
            if let fit = arenas.indices.filter({ (count...2 * count).contains(arenas[$0].count) })
                .min(by: { arenas[$0].count < arenas[$1].count })
            {
                return arenas.remove(at: fit)
            }
            if let outgrown = arenas.indices.filter({ arenas[$0].count < count })
                .max(by: { arenas[$0].count < arenas[$1].count })
            {
                arenas.remove(at: outgrown)
            }
            return nil
        }
    }

    /// Numbers that wait.
    var idleFloats: Int { waiting.withLock { $0.reduce(0) { $0 + $1.count } } }

    func giveBack(_ arena: Arena) { waiting.withLock { $0.append(arena) } }
}
