import Synchronization

/// A network's weights as a kernel reads them: made once, before the first pass that reads them, for all sessions and
/// plans.
final class PackedWeights: Sendable {
    private enum State {
        case recipe(@Sendable (MemoryLimit) throws(MemoryShortage) -> FloatStorage)
        case ready(FloatStorage)
    }

    /// Floats that they take.
    let count: Int
    /// Floats that are held besides while they are made.
    let transient: Int
    private let state: Mutex<State>

    init(
        count: Int, transient: Int = 0,
        _ make: @escaping @Sendable (MemoryLimit) throws(MemoryShortage) -> FloatStorage
    ) {
        (self.count, self.transient) = (count, transient)
        state = Mutex(.recipe(make))
    }

    /// Weights that are read as they lie in the file.
    init(_ weights: FloatStorage) {
        (count, transient) = (0, 0)
        state = Mutex(.ready(weights))
    }

    var isReady: Bool { state.withLock { if case .ready = $0 { true } else { false } } }

    /// Makes them where they are not there yet.
    func prepare(within limit: MemoryLimit) throws(MemoryShortage) {
        try state.withLock { state throws(MemoryShortage) in
            if case .recipe(let make) = state { state = .ready(try make(limit)) }
        }
    }

    /// - Precondition: they are prepared.
    var storage: FloatStorage {
        state.withLock { state in
            guard case .ready(let weights) = state else { preconditionFailure("a pass reads weights that are prepared") }
            return weights
        }
    }
}

extension [PackedWeights] {
    /// Each once, and only what is not there yet.
    var missing: [PackedWeights] {
        var seen: Set<ObjectIdentifier> = []
        return filter { !$0.isReady && seen.insert(ObjectIdentifier($0)).inserted }
    }

    /// Floats that it takes to make them one after another.
    var floats: Int { reduce(0) { $0 + $1.count } + (map(\.transient).max() ?? 0) }
}
