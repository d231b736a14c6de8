import Platform
import Synchronization
import Testing

@testable import Network

/// Work shared out among threads: every task runs once, whoever calls, and is seen when the call returns.
struct ThreadPoolTests {
    /// How often each of `count` tasks ran.
    private static func runs(of count: Int, _ share: ((Int) -> Void) -> Void) -> [Int] {
        let counts = UnsafeMutablePointer<Int>.allocate(capacity: count + 1)
        defer { counts.deallocate() }
        counts.initialize(repeating: 0, count: count + 1)
        // Plain memory: two threads at one task, or a write that the caller does not see, is a data race.
        share { counts[$0] += 1 }
        return (0..<count).map { counts[$0] }
    }

    @Test(arguments: [0, 1, 2, 3, 8, 100, 10_007], [1, 2, 3, 16])
    func runsEveryTaskOnce(count: Int, threads: Int) {
        let threads = Threads(count: threads)
        for _ in 0..<20 {
            let runs = Self.runs(of: count) { threads.each(count, $0) }
            #expect(runs.allSatisfy { $0 == 1 })
        }
    }

    @Test(arguments: [0, 1, 2, 7, 64, 1001], [1, 7, 64])
    func splitsIntoNeighbouringRanges(count: Int, grain: Int) {
        for threads in [1, 2, 5] {
            let parts = UnsafeMutableBufferPointer<Range<Int>>.allocate(capacity: threads)
            defer { parts.deallocate() }
            let made = Atomic(0)
            Threads(count: threads).split(count, grain: grain) { parts[made.add(1, ordering: .relaxed).oldValue] = $0 }
            let ranges = parts.prefix(made.load(ordering: .relaxed)).sorted { $0.lowerBound < $1.lowerBound }
            #expect(ranges.flatMap { Array($0) } == Array(0..<count))
            #expect(ranges.count <= threads && ranges.allSatisfy { !$0.isEmpty })
            #expect(ranges.count <= 1 || ranges.allSatisfy { $0.count >= grain })
        }
    }

    @Test func runsNestedWork() {
        let threads = Threads(count: 4)
        let runs = Self.runs(of: 50 * 20) { task in
            threads.each(50) { outer in threads.each(20) { task(outer * 20 + $0) } }
        }
        #expect(runs.allSatisfy { $0 == 1 })
    }

    /// Callers side by side of one pool: whoever finds it at work does its tasks alone.
    @Test func servesManyCallers() async {
        let threads = Threads(count: 3)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<100).allSatisfy { _ in
                        Self.runs(of: 33) { threads.each(33, $0) }.allSatisfy { $0 == 1 }
                    }
                }
            }
            for await correct in group { #expect(correct) }
        }
    }

    /// Helpers that fell asleep in between are woken.
    @Test func wakesItsHelpers() {
        let threads = Threads(count: 3)
        for pause in [0, 100, 10_000, 50_000] as [UInt32] {
            usleep(pause)
            #expect(Self.runs(of: 500) { threads.each(500, $0) }.allSatisfy { $0 == 1 })
        }
    }
}
