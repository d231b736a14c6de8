/// A walk over the elements of some tensors of one shape, each with strides of its own (0: broadcast), line by line
/// along the innermost axis. Axes over which every tensor is contiguous are merged, so that equal layouts become one
/// line.
struct StridedWalk {
    private(set) var dims: [Int] = []
    /// One list of strides a tensor, outermost first.
    private(set) var strides: [[Int]]

    init(dims: [Int], strides: [[Int]]) {
        self.strides = strides.map { _ in [] }
        for axis in dims.indices where dims[axis] != 1 {
            let mergeable =
                !self.dims.isEmpty
                && strides.indices.allSatisfy { self.strides[$0].last! == strides[$0][axis] * dims[axis] }
            if mergeable {
                self.dims[self.dims.count - 1] *= dims[axis]
                for t in strides.indices { self.strides[t][self.dims.count - 1] = strides[t][axis] }
            } else {
                self.dims.append(dims[axis])
                for t in strides.indices { self.strides[t].append(strides[t][axis]) }
            }
        }
        if self.dims.isEmpty {
            self.dims = [dims.contains(0) ? 0 : 1]
            self.strides = strides.map { _ in [1] }
        }
    }

    var lineLength: Int { dims.last! }
    var lines: Int { dims.dropLast().reduce(1, *) }
    /// Stride along a line, one a tensor.
    var lineStrides: [Int] { strides.map { $0.last! } }

    /// Calls `body` with every tensor's offset at the beginning of each line in the range.
    func forEachLine(_ range: Range<Int>, _ body: ([Int]) -> Void) {
        guard lineLength > 0, !range.isEmpty else { return }
        let outer = dims.count - 1
        var offsets = [Int](repeating: 0, count: strides.count)
        var (rest, place) = (range.lowerBound, [Int](repeating: 0, count: outer))
        for axis in stride(from: outer - 1, through: 0, by: -1) {
            (rest, place[axis]) = rest.quotientAndRemainder(dividingBy: dims[axis])
            for t in offsets.indices { offsets[t] += place[axis] * strides[t][axis] }
        }
        for _ in range {
            body(offsets)
            // The next line, as an odometer counts.
            var axis = outer - 1
            while axis >= 0 {
                place[axis] += 1
                for t in offsets.indices { offsets[t] += strides[t][axis] }
                if place[axis] < dims[axis] { break }
                for t in offsets.indices { offsets[t] -= dims[axis] * strides[t][axis] }
                place[axis] = 0
                axis -= 1
            }
        }
    }
}
