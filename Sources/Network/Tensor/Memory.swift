import Platform
import Synchronization

/// How many bytes the process may hold for numbers: constants that are worked out, weights as kernels pack them, and what
/// passes compute.
public struct MemoryLimit: Hashable, Sendable {
    /// Of memory that is allocated here; a mapped file's pages do not count.
    public var bytes: Int

    /// A limit of the caller's own.
    public init(bytes: Int) { self.bytes = bytes }

    /// Three quarters of what the machine has, or of what its control groups and limits grant the process.
    public static let standard = MemoryLimit(bytes: usableMemory() / 4 * 3)

    /// As much as the system gives, for what was compared with a limit before.
    static let none = MemoryLimit(bytes: .max)
}

/// The numbers that the process holds. Whatever size comes from a file is compared with a limit, and with what the system
/// gives, before it is allocated.
package enum Memory {
    private static let held = Atomic(0)

    /// - Throws: where so many numbers would be more than the limit, or more than the system gives.
    package static func check(
        _ count: Int, within limit: MemoryLimit, for purpose: @autoclosure () -> Wording
    ) throws(MemoryShortage) {
        let bytes = bytes(count)
        guard bytes <= limit.bytes - held.load(ordering: .relaxed) else { throw shortage(count, limit, purpose()) }
        // What is small is there: asking costs a call of the system.
        guard bytes < largePage || systemGives(bytes: bytes) else { throw shortage(count, nil, purpose()) }
    }

    /// How many more numbers may be held after some others.
    static func room(within limit: MemoryLimit, after count: Int) -> Int {
        max(0, limit.bytes - held.load(ordering: .relaxed) - bytes(count)) / MemoryLayout<Float>.stride
    }

    /// Uninitialised memory for numbers, aligned to 64 bytes and counted. Large pieces ask the system for large pages: a
    /// page touched for the first time costs about as much as computing with it.
    ///
    /// - Throws: where the process would hold more than the limit, or the system has no more.
    static func allocate(
        _ count: Int, within limit: MemoryLimit = .none, for purpose: @autoclosure () -> Wording
    ) throws(MemoryShortage) -> UnsafeMutablePointer<Float> {
        try hold(count, within: limit, for: purpose())
        let (bytes, isLarge) = (bytes(count), bytes(count) >= 2 * largePage)
        var memory: UnsafeMutableRawPointer?
        guard posix_memalign(&memory, isLarge ? largePage : 64, max(bytes, 4)) == 0, let memory else {
            letGo(count)
            throw shortage(count, nil, purpose())
        }
        if isLarge { preferLargePages(memory, bytes: bytes) }
        return memory.bindMemory(to: Float.self, capacity: max(count, 1))
    }

    static func release(_ memory: UnsafeMutablePointer<Float>, _ count: Int) {
        free(memory)
        letGo(count)
    }

    /// Counts numbers.
    fileprivate static func hold(
        _ count: Int, within limit: MemoryLimit, for purpose: @autoclosure () -> Wording
    ) throws(MemoryShortage) {
        let bytes = bytes(count)
        guard bytes <= limit.bytes - held.load(ordering: .relaxed) else { throw shortage(count, limit, purpose()) }
        // Others may have allocated meanwhile.
        guard held.wrappingAdd(bytes, ordering: .relaxed).newValue <= limit.bytes else {
            letGo(count)
            throw shortage(count, limit, purpose())
        }
    }

    fileprivate static func letGo(_ count: Int) { held.wrappingSubtract(bytes(count), ordering: .relaxed) }

    private static func bytes(_ count: Int) -> Int { Int.sizeProduct(count, MemoryLayout<Float>.stride) }

    private static func shortage(_ count: Int, _ limit: MemoryLimit?, _ purpose: Wording) -> MemoryShortage {
        MemoryShortage(
            purpose: purpose, bytes: bytes(count), held: held.load(ordering: .relaxed), limit: limit?.bytes)
    }
}

/// What lies elsewhere, in arrays, and counts as held as long as this lives.
final class MemoryClaim: Sendable {
    private let count = Atomic(0)

    func add(bytes: Int, within limit: MemoryLimit, for purpose: @autoclosure () -> Wording) throws(MemoryShortage) {
        let more = (bytes + 3) / MemoryLayout<Float>.stride
        try Memory.hold(more, within: limit, for: purpose())
        count.wrappingAdd(more, ordering: .relaxed)
    }

    /// Holds what the other held.
    func take(_ other: MemoryClaim) {
        count.wrappingAdd(other.count.exchange(0, ordering: .relaxed), ordering: .relaxed)
    }

    deinit { Memory.letGo(count.load(ordering: .relaxed)) }
}

extension Int {
    /// More than any memory, and so little that some sums and products of it can be counted.
    static let uncountable = 1 << 50

    /// The product of sizes; `uncountable` where it is not less.
    static func sizeProduct(_ sizes: Int...) -> Int {
        if sizes.contains(0) { return 0 }
        return sizes.reduce(1) { product, size in
            let (next, overflow) = product.multipliedReportingOverflow(by: size)
            return overflow ? uncountable : Swift.min(next, uncountable)
        }
    }

    /// So many floats, and those that fill up their last cache line.
    var cacheLines: Int { (self + 15) & ~15 }
}
