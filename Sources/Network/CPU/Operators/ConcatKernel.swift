extension Concat: EpilogueFusible {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        let layout: Layout = arriving.allSatisfy { $0 == .channelsLast } ? .channelsLast : .plain
        return (arriving.map { _ in layout }, [layout])
    }

    /// An epilogue wants channels side by side.
    func layouts(_ arriving: [Layout?], with epilogue: Epilogue) -> (operands: [Layout], outputs: [Layout]) {
        epilogue.isIdentity ? layouts(arriving) : LayoutRule.channelsLast(arriving)
    }

    func kernel(_ site: KernelSite) -> any Kernel { ConcatKernel(pieces: pieces, epilogue: site.epilogue) }
}

struct ConcatKernel: Kernel {
    let pieces: AxisPieces
    let epilogue: Epilogue
    var gradientReads: GradientReads { epilogue.gradientReads }

    func forward(_ pass: ForwardPass) {
        guard !epilogue.isIdentity else {
            return pieces.forEachRun(pass.images, pass.operands, of: pass.output, pass.threads) {
                operand, output, count in
                output.update(from: operand, count: count)
            }
        }
        let (y, channels) = (pass.output.base, pass.output.channels)
        pass.threads.split(pass.images * pass.output.shape.count / channels, grain: max(1, 8192 / channels)) { rows in
            var first = 0
            for (piece, extent) in zip(pass.operands, pieces.extents) {
                epilogue.apply(
                    y + rows.lowerBound * channels,
                    from: (UnsafePointer(piece.base + rows.lowerBound * extent), extent), rows: rows.count,
                    stride: channels,
                    columns: first..<first + extent, residual: nil)
                first += extent
            }
        }
    }

    func gradient(_ pass: GradientPass) {
        if !epilogue.isIdentity {
            let (d, y, channels) = (pass.dOutput.base, pass.outputs[0].base, pass.dOutput.channels)
            pass.threads.split(pass.images * pass.dOutput.shape.count / channels, grain: max(1, 8192 / channels)) {
                rows in
                let offset = rows.lowerBound * channels
                epilogue.gradient(
                    d + offset, y: y + offset, rows: rows.count, channels: channels, dResidual: nil, rule: pass.rule)
            }
        }
        pieces.forEachRun(pass.images, pass.dOperands, of: pass.dOutput, pass.threads) { target, d, count in
            for i in 0..<count { target[i] += d[i] }
        }
    }
}

extension AxisPieces {
    /// Visits the contiguous runs that a piece and the whole share: `body(piece, whole, count)`; pieces that are nil
    /// are skipped.
    func forEachRun(
        _ images: Int, _ pieces: [TensorView?], of whole: TensorView, _ threads: Threads,
        _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
    ) {
        let order = whole.layout.order(rank: whole.shape.rank)
        let place = order.firstIndex(of: axis)!
        let outer = order[..<place].reduce(1) { $0 * whole.shape[$1] }
        let inner = order[(place + 1)...].reduce(1) { $0 * whole.shape[$1] }
        let line = whole.shape[axis] * inner
        var start = 0
        for (extent, piece) in zip(extents, pieces) {
            let run = extent * inner
            if let piece {
                threads.split(images * outer, grain: max(1, 16384 / max(run, 1))) { rows in
                    for row in rows {
                        let (image, at) = row.quotientAndRemainder(dividingBy: outer)
                        body(piece.image(image) + at * run, whole.image(image) + at * line + start, run)
                    }
                }
            }
            start += run
        }
    }
}
