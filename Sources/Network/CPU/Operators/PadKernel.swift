extension Pad: MovingOperator {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        let layout = arriving.first.flatMap { $0 } ?? .plain
        return ([layout] + arriving.dropFirst().map { _ in .plain }, [layout])
    }

    func kernel(_ site: KernelSite) -> any Kernel { PadKernel(sources: sources, value: value) }

    /// What takes away from the edges, or leaves all as it is, has no border of its own.
    func views(of operand: MemoryView, _ shape: Shape) -> [MemoryView]? {
        let isPart = sources.allSatisfy { places in
            places.enumerated().allSatisfy { places[0] >= 0 && $0.element == places[0] + $0.offset }
        }
        guard isPart, outputShapes[0].count > 0 else { return nil }
        return [operand.slice(from: sources.map { $0[0] }, step: sources.map { _ in 1 })]
    }
}

/// Elements of the operand by their indices along every axis; -1 where the border's constant stands.
private struct PadKernel: Kernel {
    let sources: [[Int]]
    let value: Float

    /// Visits the output's lines along the innermost axis in memory: `body(offset, offset in the operand, or nil in a
    /// constant border)`.
    private func forEachLine(
        _ operand: TensorView, _ output: TensorView, _ threads: Threads, _ body: (Int, Int?) -> Void
    ) {
        let outer = output.layout.order(rank: output.shape.rank).dropLast()
        let (strides, count) = (operand.strides, outer.reduce(1) { $0 * output.shape[$1] })
        let length = output.shape.count / max(count, 1)
        threads.split(count, grain: max(1, 4096 / max(length, 1))) { lines in
            for line in lines {
                var (rest, place) = (line, 0), isBorder = false
                for axis in outer.reversed() {
                    let (next, index) = rest.quotientAndRemainder(dividingBy: output.shape[axis])
                    let source = sources[axis][index]
                    isBorder = isBorder || source < 0
                    (rest, place) = (next, place + source * strides[axis])
                }
                body(line * length, isBorder ? nil : place)
            }
        }
    }

    /// The indices along the innermost axis, and the operand's stride there.
    private func innermost(_ operand: TensorView, _ output: TensorView) -> (indices: [Int], stride: Int) {
        guard let axis = output.layout.order(rank: output.shape.rank).last else { return ([0], 1) }
        return (sources[axis], operand.strides[axis])
    }

    func forward(_ pass: ForwardPass) {
        let (indices, stride) = innermost(pass.input, pass.output)
        for image in 0..<pass.images {
            let (x, y) = (pass.input.image(image), pass.output.image(image))
            forEachLine(pass.input, pass.output, pass.threads) { line, place in
                guard let place else { return (y + line).update(repeating: value, count: indices.count) }
                for (i, index) in indices.enumerated() {
                    y[line + i] = index < 0 ? value : x[place + index * stride]
                }
            }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0] else { return }
        let (indices, stride) = innermost(dx, pass.dOutput)
        for image in 0..<pass.images {
            let (t, d) = (dx.image(image), pass.dOutput.image(image))
            // A mirrored element may be taken twice: no two threads may add to it.
            forEachLine(dx, pass.dOutput, Threads(count: 1)) { line, place in
                guard let place else { return }
                for (i, index) in indices.enumerated() where index >= 0 { t[place + index * stride] += d[line + i] }
            }
        }
    }
}
