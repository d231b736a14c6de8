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

extension ForwardPass {
    /// Walks the output and the operands together, image by image: `body(output, operands, line length, strides)`,
    /// where strides[0] is the output's and strides[1...] are the operands' (0: broadcast). Of the operands, those of
    /// the range only.
    func walk(
        operands range: Range<Int>? = nil,
        _ body: (UnsafeMutablePointer<Float>, [UnsafeMutablePointer<Float>], Int, [Int]) -> Void
    ) {
        let operands = range.map { Array(self.operands[$0]) } ?? self.operands
        let order = output.layout.order(rank: output.shape.rank)
        let walk = StridedWalk(
            dims: output.physicalDims,
            strides: ([output] + operands).map { $0.strides(along: output.shape, order: order) })
        for image in 0..<images {
            threads.split(walk.lines, grain: max(1, 8192 / max(walk.lineLength, 1))) { range in
                // What a line takes is not allocated for each.
                let (length, strides, bases) = (walk.lineLength, walk.lineStrides, operands.map { $0.image(image) })
                var places = bases
                walk.forEachLine(range) { offsets in
                    for t in bases.indices { places[t] = bases[t] + offsets[t + 1] }
                    body(output.image(image) + offsets[0], places, length, strides)
                }
            }
        }
    }
}

extension GradientPass {
    /// Adds, element by element, an operand's gradient: `body(dOperand, dOutput, output, operands, line length,
    /// strides)`, where strides are of dOperand, dOutput, output and the operands (of the range only) in this order.
    func walk(
        _ index: Int, operands range: Range<Int>? = nil,
        _ body: (
            UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>,
            [UnsafeMutablePointer<Float>], Int, [Int]
        ) -> Void
    ) {
        guard let dOperand = dOperands[index] else { return }
        let operands = range.map { Array(self.operands[$0]) } ?? self.operands
        let (output, views) = (outputs[0], [dOperand, dOutput, outputs[0]] + operands)
        let order = output.layout.order(rank: output.shape.rank)
        let walk = StridedWalk(
            dims: output.physicalDims, strides: views.map { $0.strides(along: output.shape, order: order) })
        // A broadcast operand sums up many elements: no two threads may add to the same one.
        let threads = dOperand.shape == output.shape ? threads : Threads(count: 1)
        for image in 0..<images {
            threads.split(walk.lines, grain: max(1, 8192 / max(walk.lineLength, 1))) { range in
                let (length, strides, bases) = (walk.lineLength, walk.lineStrides, operands.map { $0.image(image) })
                var places = bases
                walk.forEachLine(range) { offsets in
                    for t in bases.indices { places[t] = bases[t] + offsets[t + 3] }
                    body(
                        dOperand.image(image) + offsets[0], dOutput.image(image) + offsets[1],
                        output.image(image) + offsets[2], places, length, strides)
                }
            }
        }
    }
}
