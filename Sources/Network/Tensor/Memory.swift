import Platform
import Synchronization

/// How many bytes the process may hold for numbers: constants that are worked out, and what passes compute. Weights as a
/// kernel packs them come on top: at most some five times what the file's own take.
public struct MemoryLimit: Hashable, Sendable {
    /// Of memory that is allocated here; a mapped file's pages do not count.
    public var bytes: Int

    /// A limit of the caller's own.
    public init(bytes: Int) { self.bytes = bytes }

    /// Three quarters of what the machine has, or of what its control groups grant the process.
    public static let standard = MemoryLimit(bytes: usableMemory() / 4 * 3)
}

/// Memory that is not there, or not allowed.
public struct MemoryShortage: WordedError {
    /// What it is for.
    public let purpose: String
    /// What it takes, what the process holds already, and what it may.
    public let bytes, held, limit: Int

    /// What is missing, and what to do.
    public var wording: Wording {
        func text(_ bytes: Int) -> String {
            let units = ["bytes", "KB", "MB", "GB", "TB", "PB", "EB"]
            var (number, unit) = (Double(bytes), 0)
            while number >= 1000, unit < units.count - 1 { (number, unit) = (number / 1000, unit + 1) }
            let tenths = Int((number * 10).rounded())
            return (unit == 0 || tenths >= 100 ? "\(Int(number.rounded()))" : "\(tenths / 10).\(tenths % 10)") + " "
                + units[unit]
        }
        let rest = held > 0 ? " (\(text(held)) are in use)" : ""
        return "\(purpose) would take \(text(bytes)) of memory, and \(text(limit)) are allowed\(rest): "
            + "give a smaller input, or allow more (\(.memoryLimit))"
    }
}

/// Uninitialised memory for numbers, aligned to 64 bytes and counted. Large pieces ask the system for large pages: a
/// page touched for the first time costs about as much as computing with it.
enum Memory {
    private static let held = Atomic(0)

    /// - Throws: where the process would hold more than the limit, or the system has no more.
    static func allocate(
        _ count: Int, within limit: MemoryLimit, for purpose: @autoclosure () -> String
    ) throws(MemoryShortage) -> UnsafeMutablePointer<Float> {
        try check(count, within: limit, for: purpose())
        let bytes = count * MemoryLayout<Float>.stride
        // Others may have allocated meanwhile.
        guard held.add(bytes, ordering: .relaxed).newValue <= limit.bytes, let memory = allocate(bytes: bytes) else {
            held.subtract(bytes, ordering: .relaxed)
            throw shortage(count, limit, purpose())
        }
        return memory.bindMemory(to: Float.self, capacity: max(count, 1))
    }

    /// - Throws: where so many numbers would be more than the limit.
    static func check(
        _ count: Int, within limit: MemoryLimit, for purpose: @autoclosure () -> String
    ) throws(MemoryShortage) {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
        guard !overflow, bytes <= limit.bytes - held.load(ordering: .relaxed) else {
            throw shortage(count, limit, purpose())
        }
    }

    private static func shortage(_ count: Int, _ limit: MemoryLimit, _ purpose: String) -> MemoryShortage {
        MemoryShortage(
            purpose: purpose, bytes: count.multipliedClamping(by: MemoryLayout<Float>.stride),
            held: held.load(ordering: .relaxed), limit: limit.bytes)
    }

    /// Memory whose size was compared with the limit before, or that does not count.
    static func allocate(_ count: Int, isCounted: Bool = true) -> UnsafeMutablePointer<Float> {
        let bytes = count * MemoryLayout<Float>.stride
        guard let memory = allocate(bytes: bytes) else {
            fatalError("the system has no memory left for \(count) numbers")
        }
        if isCounted { held.add(bytes, ordering: .relaxed) }
        return memory.bindMemory(to: Float.self, capacity: max(count, 1))
    }

    private static func allocate(bytes: Int) -> UnsafeMutableRawPointer? {
        let isLarge = bytes >= 2 * largePage
        var memory: UnsafeMutableRawPointer?
        guard posix_memalign(&memory, isLarge ? largePage : 64, max(bytes, 4)) == 0 else { return nil }
        if isLarge, let memory { preferLargePages(memory, bytes: bytes) }
        return memory
    }

    static func release(_ memory: UnsafeMutablePointer<Float>, _ count: Int, isCounted: Bool = true) {
        free(memory)
        if isCounted { held.subtract(count * MemoryLayout<Float>.stride, ordering: .relaxed) }
    }
}

extension Int {
    fileprivate func multipliedClamping(by other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
