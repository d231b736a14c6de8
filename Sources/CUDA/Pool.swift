import CCUDA
import Network
import Synchronization

/// Some of a card's memory, which goes back where it came from at the end.
final class Buffer: @unchecked Sendable {
    /// Where it begins, and how many bytes there are.
    let address: UInt64
    let bytes: Int
    private let card: Card
    private weak var pool: Pool?

    fileprivate init(_ address: UInt64, bytes: Int, _ card: Card, _ pool: Pool?) {
        (self.address, self.bytes, self.card, self.pool) = (address, bytes, card, pool)
    }

    deinit {
        if let pool, pool.giveBack(address, bytes) { return }
        card.free([address])
    }
}

extension Card {
    /// Memory for so many numbers, that of no pool.
    func allocate(_ count: Int) throws(NetworkError) -> Buffer {
        try enter()
        return try allocate(bytes: max(count, 1) * 4, for: nil)
    }

    /// Where there is not enough, with what waits in the pools of all sessions, which is not needed now.
    fileprivate func allocate(bytes: Int, for pool: Pool?) throws(NetworkError) -> Buffer {
        var address: UInt64 = 0
        var status = calls.cuMemAlloc_v2(&address, bytes)
        // OUT_OF_MEMORY
        if status == 2 {
            emptyPools()
            status = calls.cuMemAlloc_v2(&address, bytes)
        }
        try check(status, "cuMemAlloc")
        return Buffer(address, bytes: bytes, self, pool)
    }

    /// Gives memory back to the card when nothing that was put on it before can read it any more.
    fileprivate func free(_ addresses: [UInt64]) {
        guard !addresses.isEmpty else { return }
        try? enter()
        _ = calls.cuCtxSynchronize()
        for address in addresses { _ = calls.cuMemFree_v2(address) }
    }
}

/// A pool that takes a card's memory, as long as it is there.
struct PoolOfCard {
    weak var pool: Pool?
}

extension Card {
    /// Frees what waits in the pools of all sessions.
    func emptyPools() {
        let all = pools.withLock { pools -> [Pool] in pools.compactMap { $0.pool } }
        for pool in all { pool.empty() }
    }
}

/// Memory that one stream's work takes and gives back. What is given back may still be used by work that was put on the
/// stream before: whoever takes it uses it on the same stream, and so after that, and before it goes back to the card all
/// work is waited for. So a buffer need not outlive work that has been put on the stream; until then whoever has put its
/// address into the work's parameters keeps it, which an address alone does not: `withExtendedLifetime` after the last
/// call that is told the address.
final class Pool: Sendable {
    private let card: Card
    /// Whether sizes are rounded up, so that few of them have to be kept.
    private let rounds: Bool
    private let waiting = Mutex<[Int: [UInt64]]>([:])

    init(_ card: Card, rounds: Bool) {
        (self.card, self.rounds) = (card, rounds)
        card.pools.withLock { pools in
            pools.removeAll { $0.pool == nil }
            pools.append(PoolOfCard(pool: self))
        }
    }

    deinit { empty() }

    /// Memory for so many numbers, of which nothing is known.
    func take(_ count: Int) throws(NetworkError) -> Buffer {
        let bytes = Self.bytes(count, rounds: rounds)
        if let address = waiting.withLock({ $0[bytes]?.popLast() }) {
            return Buffer(address, bytes: bytes, card, self)
        }
        return try card.allocate(bytes: bytes, for: self)
    }

    /// Bytes that are taken for so many numbers: rounded up to eight steps a power of two, 512 at least.
    static func bytes(_ count: Int, rounds: Bool) -> Int {
        let bytes = max(count, 1) * 4
        guard rounds else { return bytes }
        guard bytes > 4096 else { return (bytes + 511) / 512 * 512 }
        let step = 1 << (Int.bitWidth - 1 - bytes.leadingZeroBitCount - 3)
        return (bytes + step - 1) / step * step
    }

    fileprivate func giveBack(_ address: UInt64, _ bytes: Int) -> Bool {
        waiting.withLock { $0[bytes, default: []].append(address) }
        return true
    }

    /// Bytes that wait.
    var waitingBytes: Int { waiting.withLock { $0.reduce(0) { $0 + $1.key * $1.value.count } } }

    /// Frees what waits.
    func empty() {
        let all = waiting.withLock { waiting in
            defer { waiting = [:] }
            return waiting.values.flatMap { $0 }
        }
        card.free(all)
    }
}

/// Host memory that the card reads and writes by itself.
final class PinnedMemory {
    let base: UnsafeMutablePointer<Float>
    let count: Int
    private let card: Card

    init(_ count: Int, _ card: Card) throws(NetworkError) {
        var memory: UnsafeMutableRawPointer?
        let status = card.calls.cuMemAllocHost_v2(&memory, max(count, 1) * 4)
        // OUT_OF_MEMORY
        if status == 2 {
            throw .device(
                CUDA.title, .memory,
                reason: "the host has no \((max(count, 1) * 4) >> 20) MB that the card can read (cuMemAllocHost): "
                    + "end what else runs, or give a smaller input")
        }
        try card.check(status, "cuMemAllocHost")
        base = memory!.bindMemory(to: Float.self, capacity: max(count, 1))
        (self.count, self.card) = (count, card)
    }

    deinit {
        try? card.enter()
        _ = card.calls.cuMemFreeHost(base)
    }
}
