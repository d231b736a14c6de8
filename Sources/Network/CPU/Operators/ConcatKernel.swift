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

    func reads(_ strides: [Int], operand: Int, gradient: Bool) -> Bool { epilogue.isIdentity }

    func forward(_ pass: ForwardPass) {
        guard !epilogue.isIdentity else {
            return pieces.forEachLine(pass.images, pass.operands, of: pass.output, pass.threads) { piece, whole, line in
                line.reversed.copy(from: piece, to: whole)
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
        pieces.forEachLine(pass.images, pass.dOperands, of: pass.dOutput, pass.threads) { piece, whole, line in
            line.add(whole, to: piece)
        }
    }
}

extension AxisPieces {
    /// Where each piece begins along the axis.
    var starts: [Int] {
        var next = 0
        return extents.map { extent in
            defer { next += extent }
            return next
        }
    }

    /// Visits the elements of some pieces of each image, line by line, with where they lie in the whole: `body(piece,
    /// whole, line)`; pieces that are nil are skipped.
    fileprivate func forEachLine(
        _ images: Int, _ pieces: [TensorView?], of whole: TensorView, _ threads: Threads,
        _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, PairedLine) -> Void
    ) {
        let strides = whole.strides
        for (start, piece) in zip(starts, pieces) {
            guard let piece else { continue }
            for image in 0..<images {
                let (own, all) = (piece.image(image), whole.image(image) + start * strides[axis])
                piece.forEachLine(with: strides, threads) { body(own + $0, all + $1, $2) }
            }
        }
    }
}
