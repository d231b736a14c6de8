import CKernels

/// A part of a walk: `rows` lines of `count` numbers, with every tensor's first number, and its strides from line to
/// line and along a line.
struct StridedPart {
    let bases: [UnsafeMutablePointer<Float>]
    let rows, count: Int
    let rowStrides, strides: [Int]

    /// Combines two tensors, of which the first may be tensor 0, into tensor 0.
    func combine(_ pair: gradcam_pair, _ a: Int, _ b: Int) {
        gradcam_combine(
            pair, bases[a], rowStrides[a], strides[a], bases[b], rowStrides[b], strides[b], bases[0], rowStrides[0],
            rows, count)
    }
}

extension StridedWalk {
    /// As much as stays near between two steps of what is done with a part.
    private static let near = 8192

    /// Calls `body` with parts of the walk over tensors that begin at `bases`, shared out among threads.
    func forEachPart(
        _ bases: [UnsafeMutablePointer<Float>], _ threads: Threads, _ body: (StridedPart) -> Void
    ) {
        guard lineLength > 0, lines > 0 else { return }
        let (length, plane) = (lineLength, dims.count > 1 ? dims[dims.count - 2] : 1)
        let rowStrides = dims.count > 1 ? strides.map { $0[$0.count - 2] } : strides.map { _ in 0 }
        let lineStrides = lineStrides
        func call(_ offsets: [Int], from start: Int = 0, rows: Int, count: Int) {
            body(
                StridedPart(
                    bases: bases.indices.map { bases[$0] + offsets[$0] + start * lineStrides[$0] }, rows: rows,
                    count: count, rowStrides: rowStrides, strides: lineStrides))
        }
        if lines >= threads.count || length < Self.near {
            let most = max(1, Self.near / length)
            threads.split(lines, grain: most) { range in
                var line = range.lowerBound
                while line < range.upperBound {
                    let rows = min(range.upperBound - line, plane - line % plane, most)
                    forEachLine(line..<line + 1) { call($0, rows: rows, count: length) }
                    line += rows
                }
            }
        } else {
            threads.split(length, grain: Self.near) { range in
                for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.near) {
                    forEachLine(0..<lines) {
                        call($0, from: start, rows: 1, count: min(Self.near, range.upperBound - start))
                    }
                }
            }
        }
    }
}

extension ForwardPass {
    /// Walks the output and the operands together, image by image, in parts: the output comes first. Of the operands,
    /// those of the range only.
    func walkParts(operands range: Range<Int>? = nil, _ body: (StridedPart) -> Void) {
        let order = output.layout.order(rank: output.shape.rank)
        let views = [output] + (range.map { Array(operands[$0]) } ?? operands)
        let walk = StridedWalk(
            dims: output.physicalDims, strides: views.map { $0.strides(along: output.shape, order: order) })
        for image in 0..<images { walk.forEachPart(views.map { $0.image(image) }, threads, body) }
    }

    /// The same line by line: `body(output, operands, line length, strides)`, where strides[0] is the output's and
    /// strides[1...] are the operands' (0: broadcast).
    func walk(
        operands range: Range<Int>? = nil,
        _ body: (UnsafeMutablePointer<Float>, [UnsafeMutablePointer<Float>], Int, [Int]) -> Void
    ) {
        walkParts(operands: range) { part in
            var (y, operands) = (part.bases[0], Array(part.bases.dropFirst()))
            for _ in 0..<part.rows {
                body(y, operands, part.count, part.strides)
                y += part.rowStrides[0]
                for t in operands.indices { operands[t] += part.rowStrides[t + 1] }
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
        let (output, operands) = (outputs[0], range.map { Array(self.operands[$0]) } ?? self.operands)
        let views = [dOperand, dOutput, output] + operands
        let order = output.layout.order(rank: output.shape.rank)
        let walk = StridedWalk(
            dims: output.physicalDims, strides: views.map { $0.strides(along: output.shape, order: order) })
        // A broadcast operand sums up many elements: no two threads may add to the same one.
        let threads = dOperand.shape == output.shape ? threads : Threads(count: 1)
        for image in 0..<images {
            walk.forEachPart(views.map { $0.image(image) }, threads) { part in
                var (bases, operands) = (part.bases, Array(part.bases.dropFirst(3)))
                for _ in 0..<part.rows {
                    body(bases[0], bases[1], bases[2], operands, part.count, part.strides)
                    for t in 0..<3 { bases[t] += part.rowStrides[t] }
                    for t in operands.indices { operands[t] += part.rowStrides[t + 3] }
                }
            }
        }
    }
}
