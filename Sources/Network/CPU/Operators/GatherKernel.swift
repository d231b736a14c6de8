extension Gather: MovingOperator {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.plain(arriving) }

    func kernel(_ site: KernelSite) -> any Kernel { GatherKernel(gather: self) }

    /// Of indices that are evenly spaced.
    func views(of operand: MemoryView, _ shape: Shape) -> [MemoryView]? {
        // The axes of the indices take the place of the one that they choose from.
        let axes = outputShapes[0].rank - (shape.rank - 1)
        let step = indices.count > 1 ? Int(indices[1]) - Int(indices[0]) : 1
        // No element is taken twice.
        guard !indices.isEmpty, step != 0, axes <= 1 || indices.count == 1,
            indices.enumerated().allSatisfy({ Int($0.element) == Int(indices[0]) + $0.offset * step })
        else { return nil }
        var view = operand
        view.start += Int(indices[0]) * operand.strides[axis]
        view.strides.replaceSubrange(
            axis...axis, with: [Int](repeating: step * operand.strides[axis], count: axes))
        return [view]
    }
}

/// Elements at any indices.
private struct GatherKernel: Kernel {
    let gather: Gather

    /// Visits every run of the output with the run of the operand that it is a copy of.
    private func forEachRun(_ threads: Threads, _ body: (_ output: Int, _ operand: Int) -> Void) {
        let (count, inner) = (gather.indices.count, gather.inner)
        threads.split(gather.outer * count, grain: max(1, 8192 / max(inner, 1))) { runs in
            for run in runs {
                let (o, i) = run.quotientAndRemainder(dividingBy: count)
                body(run * inner, (o * gather.extent + Int(gather.indices[i])) * inner)
            }
        }
    }

    func forward(_ pass: ForwardPass) {
        for image in 0..<pass.images {
            let (x, y) = (pass.input.image(image), pass.output.image(image))
            forEachRun(pass.threads) { (y + $0).update(from: x + $1, count: gather.inner) }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0] else { return }
        for image in 0..<pass.images {
            let (t, d) = (dx.image(image), pass.dOutput.image(image))
            // An element may be taken twice: no two threads may add to it.
            forEachRun(Threads(count: 1)) { output, operand in
                for i in 0..<gather.inner { t[operand + i] += d[output + i] }
            }
        }
    }
}
