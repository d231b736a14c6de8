/// Places buffers into one allocation: buffers that live at the same time do not overlap.
struct ArenaLayout {
    private struct Block {
        let offset, size: Int
        let life: ClosedRange<Int>
    }

    private(set) var size = 0

    /// Offsets for buffers of the given sizes (floats) and lifetimes, largest placed first, each as low as it fits.
    mutating func place(_ buffers: [(size: Int, life: ClosedRange<Int>)]) -> [Int] {
        var offsets = [Int](repeating: 0, count: buffers.count)
        var placed: [Block] = []
        for index in buffers.indices.sorted(by: { buffers[$0].size > buffers[$1].size }) {
            let (count, life) = buffers[index]
            // A multiple of 16 floats: every buffer begins at a cache line.
            let size = (count + 15) & ~15
            var offset = 0
            for block in placed where block.life.overlaps(life) && block.offset < offset + size {
                offset = max(offset, block.offset + block.size)
            }
            let at = placed.firstIndex { $0.offset > offset } ?? placed.count
            placed.insert(Block(offset: offset, size: size, life: life), at: at)
            offsets[index] = offset
            self.size = max(self.size, offset + size)
        }
        return offsets
    }
}
