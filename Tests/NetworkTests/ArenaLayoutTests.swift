import TestSupport
import Testing

@testable import Network

/// Where a plan's buffers lie.
@Suite struct ArenaLayoutTests {
    /// The rule in a few lines: largest first, each as low as it fits beside all that live at the same time.
    private func byTheRule(_ buffers: [(size: Int, life: ClosedRange<Int>)]) -> [Int] {
        var offsets = [Int](repeating: 0, count: buffers.count)
        var placed: [Int] = []
        for index in buffers.indices.sorted(by: { buffers[$0].size > buffers[$1].size }) where buffers[index].size > 0 {
            let beside = placed.filter { buffers[$0].life.overlaps(buffers[index].life) }
                .sorted { offsets[$0] < offsets[$1] }
            for other in beside where offsets[other] < offsets[index] + buffers[index].size.cacheLines {
                offsets[index] = max(offsets[index], offsets[other] + buffers[other].size.cacheLines)
            }
            placed.append(index)
        }
        return offsets
    }

    @Test(arguments: 0..<20) func everyBufferIsAsLowAsItFits(_ draw: Int) {
        var generator = Generator(state: UInt64(draw))
        let times = Int.random(in: 1...60, using: &generator)
        let buffers = (0..<Int.random(in: 0...80, using: &generator)).map { _ in
            let ends = (0..<2).map { _ in Int.random(in: 0..<times, using: &generator) }
            return (size: Int.random(in: 0...100, using: &generator), life: ends.min()!...ends.max()!)
        }
        var layout = ArenaLayout()
        #expect(layout.place(buffers) == byTheRule(buffers))
    }

    /// A chain of many steps whose values all live on for the gradient, and one whose values die at once.
    @Test func manyBuffersArePlacedQuickly() {
        let count = amount(20_000, debug: 1000)
        let chain =
            (0..<count).map { (size: 64, life: $0...$0 + 1) } + (0..<count).map { (size: 64, life: $0...2 * count) }
        let clock = ContinuousClock()
        let times = (0..<3).map { _ in
            clock.measure {
                var layout = ArenaLayout()
                _ = layout.place(chain)
                #expect(layout.size >= 64 * count)
            }
        }
        #expect(times.min()! < .milliseconds(amount(700, debug: 5000)), "\(times)")
    }
}

private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 29
    }
}
