/// A tensor as elements of another one's memory.
struct MemoryView: Hashable {
    /// Where its first element lies.
    var start = 0
    /// Floats between neighbours along each axis.
    var strides: [Int]

    init(start: Int = 0, strides: [Int]) { (self.start, self.strides) = (start, strides) }

    /// The view moved by some elements along every axis, and with every so many of them.
    func slice(from starts: [Int], step steps: [Int]) -> MemoryView {
        MemoryView(
            start: zip(starts, strides).reduce(start) { $0 + $1.0 * $1.1 }, strides: zip(strides, steps).map { $0 * $1 }
        )
    }

    /// The same numbers in the same order under another shape of as many; nil where no strides say it.
    func reshaped(from old: Shape, to new: Shape) -> MemoryView? {
        guard old.count > 0 else { return MemoryView(start: start, strides: new.strides) }
        // Old axes over which the numbers are evenly spaced count as one, of which new axes are cut.
        var runs: [(extent: Int, stride: Int)] = []
        for (extent, stride) in zip(old.dims, strides) where extent > 1 {
            if let last = runs.last, last.stride == extent * stride {
                runs[runs.count - 1] = (last.extent * extent, stride)
            } else {
                runs.append((extent, stride))
            }
        }
        var reversed: [Int] = []
        var (run, inner) = (runs.popLast(), 1)
        for extent in new.dims.reversed() {
            if let whole = run, inner == whole.extent, extent > 1 { (run, inner) = (runs.popLast(), 1) }
            guard extent > 1 else {
                reversed.append(0)
                continue
            }
            guard let whole = run, whole.extent % (inner * extent) == 0 else { return nil }
            reversed.append(inner * whole.stride)
            inner *= extent
        }
        return MemoryView(start: start, strides: reversed.reversed())
    }

    /// The layout in which the elements of a shape lie in one piece; nil where there are gaps, or another order.
    func layout(of shape: Shape) -> Layout? {
        (shape.rank == 4 ? [Layout.plain, .channelsLast] : [.plain]).first { lies(shape, as: $0) }
    }

    /// Whether the elements of a shape lie as in a layout, without gaps.
    private func lies(_ shape: Shape, as layout: Layout) -> Bool {
        let dense = layout.strides(of: shape)
        return shape.dims.indices.allSatisfy { shape[$0] <= 1 || strides[$0] == dense[$0] }
    }
}

/// An operator that moves numbers: its outputs are elements of its first operand. Where whoever reads them can read
/// them there, nothing is computed.
protocol MovingOperator: CPUOperator {
    /// The outputs in the memory of the operand, a view `operand` of this shape; nil where no strides say it.
    func views(of operand: MemoryView, _ shape: Shape) -> [MemoryView]?
}

extension MovingOperator {
    func kernel(_ site: KernelSite) -> any Kernel { Move(views: views) }
}

/// A copy of what an operator moves.
struct Move: Kernel {
    /// See `MovingOperator.views`.
    let views: @Sendable (MemoryView, Shape) -> [MemoryView]?

    /// A copy into another layout, which the planner puts between operators that want a value differently.
    static let reorder = Move { view, _ in [view] }

    /// Every output with where it lies in the operand.
    private func placed(_ outputs: [TensorView], in operand: TensorView) -> some Sequence<(TensorView, MemoryView)> {
        guard let views = views(MemoryView(strides: operand.strides), operand.shape) else {
            preconditionFailure("an operand comes in a layout in which its numbers can be moved")
        }
        return zip(outputs, views)
    }

    func forward(_ pass: ForwardPass) {
        for (output, view) in placed(pass.outputs, in: pass.input) {
            for image in 0..<pass.images {
                let (y, x) = (output.image(image), pass.input.image(image) + view.start)
                output.forEachLine(with: view.strides, pass.threads) { to, from, line in
                    line.copy(from: x + from, to: y + to)
                }
            }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0] else { return }
        for (dOutput, view) in placed(pass.dOutputs, in: dx) {
            for image in 0..<pass.images {
                let (d, t) = (dOutput.image(image), dx.image(image) + view.start)
                dOutput.forEachLine(with: view.strides, pass.threads) { from, to, line in
                    line.reversed.add(d + from, to: t + to)
                }
            }
        }
    }
}

/// Elements of two tensors along a line, each with a stride of its own.
struct PairedLine {
    let count: Int
    let to, from: Int

    var reversed: PairedLine { PairedLine(count: count, to: from, from: to) }

    func copy(from x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>) {
        if (to, from) == (1, 1) { return y.update(from: x, count: count) }
        for i in 0..<count { y[i * to] = x[i * from] }
    }

    func add(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>) {
        if (to, from) == (1, 1) {
            for i in 0..<count { y[i] += x[i] }
        } else {
            for i in 0..<count { y[i * to] += x[i * from] }
        }
    }
}

extension TensorView {
    /// Calls `body(offset, offset of the other, line)` for lines of elements of this tensor, in the order of its memory,
    /// and those at the same places of another one with strides of its own; `to` is of this tensor. No element of
    /// either is met twice.
    func forEachLine(with strides: [Int], _ threads: Threads, _ body: (Int, Int, PairedLine) -> Void) {
        let (order, own) = (layout.order(rank: shape.rank), self.strides)
        let walk = StridedWalk(
            dims: order.map { shape[$0] }, strides: [order.map { own[$0] }, order.map { strides[$0] }])
        let line = PairedLine(count: walk.lineLength, to: walk.lineStrides[0], from: walk.lineStrides[1])
        threads.split(walk.lines, grain: max(1, 8192 / max(walk.lineLength, 1))) { range in
            walk.forEachLine(range) { body($0[0], $0[1], line) }
        }
    }
}
