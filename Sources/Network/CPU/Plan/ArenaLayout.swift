/// Places buffers into one allocation: buffers that live at the same time do not overlap.
struct ArenaLayout {
    private(set) var size = 0

    /// Offsets for buffers of the given sizes (floats) and lifetimes, largest placed first, each as low as it fits.
    mutating func place(_ buffers: [(size: Int, life: ClosedRange<Int>)]) -> [Int] {
        var offsets = [Int](repeating: 0, count: buffers.count)
        var taken = TakenMemory(times: 1 + (buffers.map(\.life.upperBound).max() ?? 0))
        for index in buffers.indices.sorted(by: { buffers[$0].size > buffers[$1].size }) {
            let (count, life) = buffers[index]
            guard count > 0 else { continue }
            // A multiple of 16 floats: every buffer begins at a cache line.
            let size = count.cacheLines
            let offset = taken.lowest(size, life)
            taken.insert(offset..<offset + size, life)
            offsets[index] = offset
            self.size = max(self.size, offset + size)
        }
        return offsets
    }
}

/// Which memory is taken when: a segment tree over time, of which every node knows what is taken at any time of its own.
/// Buffers lie close together, so that these are few spans, however many buffers there are.
private struct TakenMemory {
    private struct Node {
        /// Taken at some time of the node's, and by what lives through all of it.
        var within = Spans(), throughout = Spans()
    }

    private var nodes: [Node]
    /// Leaves: a power of two.
    private let times: Int

    init(times: Int) {
        self.times = 1 << (Int.bitWidth - max(times - 1, 0).leadingZeroBitCount)
        nodes = [Node](repeating: Node(), count: 2 * self.times)
    }

    /// The lowest offset of so much memory that is free through a life.
    func lowest(_ size: Int, _ life: ClosedRange<Int>) -> Int {
        var spans: [Range<Int>] = []
        collect(1, 0..<times, life, &spans)
        spans.sort { $0.lowerBound < $1.lowerBound }
        var offset = 0
        for span in spans {
            if span.lowerBound >= offset + size { break }
            offset = max(offset, span.upperBound)
        }
        return offset
    }

    private func collect(_ node: Int, _ own: Range<Int>, _ life: ClosedRange<Int>, _ spans: inout [Range<Int>]) {
        guard own.lowerBound <= life.upperBound, life.lowerBound < own.upperBound else { return }
        if life.lowerBound <= own.lowerBound, own.upperBound - 1 <= life.upperBound {
            spans += nodes[node].within.ranges
            return
        }
        spans += nodes[node].throughout.ranges
        let middle = (own.lowerBound + own.upperBound) / 2
        collect(2 * node, own.lowerBound..<middle, life, &spans)
        collect(2 * node + 1, middle..<own.upperBound, life, &spans)
    }

    mutating func insert(_ span: Range<Int>, _ life: ClosedRange<Int>) { insert(span, 1, 0..<times, life) }

    private mutating func insert(_ span: Range<Int>, _ node: Int, _ own: Range<Int>, _ life: ClosedRange<Int>) {
        guard own.lowerBound <= life.upperBound, life.lowerBound < own.upperBound else { return }
        nodes[node].within.insert(span)
        if life.lowerBound <= own.lowerBound, own.upperBound - 1 <= life.upperBound {
            nodes[node].throughout.insert(span)
            return
        }
        let middle = (own.lowerBound + own.upperBound) / 2
        insert(span, 2 * node, own.lowerBound..<middle, life)
        insert(span, 2 * node + 1, middle..<own.upperBound, life)
    }
}

/// Ranges in order, none of which touches the next.
private struct Spans {
    private(set) var ranges: [Range<Int>] = []

    mutating func insert(_ span: Range<Int>) {
        let first = ranges.partition { $0.upperBound >= span.lowerBound }
        let end = ranges.partition { $0.lowerBound > span.upperBound }
        guard first < end else { return ranges.insert(span, at: first) }
        let (low, high) = (ranges[first].lowerBound, ranges[end - 1].upperBound)
        ranges.replaceSubrange(
            first..<end, with: CollectionOfOne(min(low, span.lowerBound)..<max(high, span.upperBound)))
    }
}

extension [Range<Int>] {
    /// The place of the first that `isLate`, which holds for all after one for which it does.
    fileprivate func partition(_ isLate: (Range<Int>) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isLate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
