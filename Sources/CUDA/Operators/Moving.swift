import CCUDA
import Network

/// What only moves numbers: each output is its operand's numbers at other places, each of these taken once at most.
private struct Move {
    let extents: [Int]
    /// The first element and the strides, an image and then the axes, in the operand and in the output.
    let from, to: (start: Int, strides: [Int])

    func run(_ images: Int, from source: UInt64, to target: UInt64, _ stream: Stream) throws(NetworkError) {
        try copy(images, from, source, to, target, adds: 0, stream)
    }

    func add(_ images: Int, from d: UInt64, to t: UInt64, _ stream: Stream) throws(NetworkError) {
        try copy(images, to, d, from, t, adds: 1, stream)
    }

    private func copy(
        _ images: Int, _ from: (start: Int, strides: [Int]), _ source: UInt64, _ to: (start: Int, strides: [Int]),
        _ target: UInt64, adds: Int32, _ stream: Stream
    ) throws(NetworkError) {
        try stream.launch(
            copy_elements(
                count: Int64(images * extents.reduce(1, *)), adds: adds,
                walk: walk([images] + extents, [from.strides, to.strides]),
                from: source + UInt64(from.start * 4), to: target + UInt64(to.start * 4)))
    }
}

extension View: CUDAOperator {
    func forward(_ pass: Pass) throws(NetworkError) {
        let place = try pass.operand(0), count = outputShapes[0].count
        try Move(extents: [count], from: (0, [place.stride, 1]), to: (0, [count, 1]))
            .run(pass.images, from: place.address, to: pass.y, pass.stream)
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        let count = outputShapes[0].count
        try Move(extents: [count], from: (0, [count, 1]), to: (0, [count, 1]))
            .add(pass.images, from: pass.d, to: t, pass.stream)
    }
}

extension Transpose: CUDAOperator {
    private func move(_ stride: Int, _ input: Shape) -> Move {
        let output = outputShapes[0], own = input.rowMajor
        return Move(
            extents: output.dims, from: (0, [stride] + permutation.map { own[$0] }),
            to: (0, [output.count] + output.rowMajor))
    }

    func forward(_ pass: Pass) throws(NetworkError) {
        let place = try pass.operand(0)
        try move(place.stride, pass.shape(0)).run(pass.images, from: place.address, to: pass.y, pass.stream)
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        try move(outputShapes[0].count, pass.pass.shape(0)).add(pass.images, from: pass.d, to: t, pass.stream)
    }
}

extension Slice: CUDAOperator {
    private func move(_ stride: Int, _ input: Shape) -> Move {
        let output = outputShapes[0], own = input.rowMajor
        let start = zip(starts, own).reduce(0) { $0 + $1.0 * $1.1 }
        return Move(
            extents: output.dims, from: (start, [stride] + zip(steps, own).map { $0 * $1 }),
            to: (0, [output.count] + output.rowMajor))
    }

    func forward(_ pass: Pass) throws(NetworkError) {
        guard outputShapes[0].count > 0 else { return }
        let place = try pass.operand(0)
        try move(place.stride, pass.shape(0)).run(pass.images, from: place.address, to: pass.y, pass.stream)
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0], outputShapes[0].count > 0 else { return }
        let input = pass.pass.shape(0)
        try move(input.count, input).add(pass.images, from: pass.d, to: t, pass.stream)
    }
}

extension AxisPieces {
    /// Piece i of a tensor of this shape: its numbers in the whole and on its own.
    fileprivate func move(_ piece: Int, _ whole: Shape, _ own: Shape, wholeStride: Int, ownStride: Int) -> (
        whole: (start: Int, strides: [Int]), own: (start: Int, strides: [Int]), extents: [Int]
    ) {
        let strides = whole.rowMajor, start = extents[..<piece].reduce(0, +) * (strides.isEmpty ? 0 : strides[axis])
        return ((start, [wholeStride] + strides), (0, [ownStride] + own.rowMajor), own.dims)
    }
}

extension Split: CUDAOperator {
    func forward(_ pass: Pass) throws(NetworkError) {
        let place = try pass.operand(0)
        for (piece, shape) in outputShapes.enumerated() {
            guard let y = pass.outputs[piece]?.address, shape.count > 0 else { continue }
            let parts = pieces.move(piece, pass.shape(0), shape, wholeStride: place.stride, ownStride: shape.count)
            try Move(extents: parts.extents, from: parts.whole, to: parts.own)
                .run(pass.images, from: place.address, to: y, pass.stream)
        }
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        let input = pass.pass.shape(0)
        for (piece, shape) in outputShapes.enumerated() {
            guard let d = pass.dOutputs[piece], shape.count > 0 else { continue }
            let parts = pieces.move(piece, input, shape, wholeStride: input.count, ownStride: shape.count)
            try Move(extents: parts.extents, from: parts.whole, to: parts.own).add(
                pass.images, from: d, to: t, pass.stream)
        }
    }
}

extension Concat: CUDAOperator {
    func forward(_ pass: Pass) throws(NetworkError) {
        let output = outputShapes[0]
        for piece in pieces.extents.indices {
            let place = try pass.operand(piece), shape = pass.shape(piece)
            guard shape.count > 0 else { continue }
            let parts = pieces.move(piece, output, shape, wholeStride: output.count, ownStride: place.stride)
            try Move(extents: parts.extents, from: parts.own, to: parts.whole)
                .run(pass.images, from: place.address, to: pass.y, pass.stream)
        }
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        let output = outputShapes[0]
        for piece in pieces.extents.indices {
            guard let t = pass.dOperands[piece] else { continue }
            let shape = pass.pass.shape(piece)
            guard shape.count > 0 else { continue }
            let parts = pieces.move(piece, output, shape, wholeStride: output.count, ownStride: shape.count)
            try Move(extents: parts.extents, from: parts.own, to: parts.whole).add(
                pass.images, from: pass.d, to: t, pass.stream)
        }
    }
}

extension Trilu: CUDAOperator {
    private func launch(_ stream: Stream, _ images: Int, adds: Int32, _ x: UInt64, _ y: UInt64) throws(NetworkError) {
        let shape = outputShapes[0]
        try stream.launch(
            triangle(
                count: Int64(images * shape.count), rows: Int64(shape[shape.rank - 2]),
                columns: Int64(shape[shape.rank - 1]), diagonal: Int64(diagonal), upper: upper ? 1 : 0, adds: adds,
                x: x, y: y))
    }

    func forward(_ pass: Pass) throws(NetworkError) {
        let (x, keep) = try pass.dense(0, outputShapes[0])
        try withExtendedLifetime(keep) { () throws(NetworkError) in
            try launch(pass.stream, pass.images, adds: 0, x, pass.y)
        }
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        try launch(pass.stream, pass.images, adds: 1, pass.d, t)
    }
}

extension CumSum: CUDAOperator {
    private func launch(
        _ stream: Stream, _ images: Int, reversed: Bool, adds: Int32, _ x: UInt64, _ y: UInt64
    ) throws(NetworkError) {
        try stream.launch(
            running_sum(
                count: Int64(images * outer * inner), extent: Int64(extent), inner: Int64(inner),
                exclusive: isExclusive ? 1 : 0, reversed: reversed ? 1 : 0, adds: adds, x: x, y: y))
    }

    func forward(_ pass: Pass) throws(NetworkError) {
        let (x, keep) = try pass.dense(0, outputShapes[0])
        try withExtendedLifetime(keep) { () throws(NetworkError) in
            try launch(pass.stream, pass.images, reversed: isReversed, adds: 0, x, pass.y)
        }
    }

    /// The sum of the gradients of all sums that an element is part of: the running sum from the other end.
    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        try launch(pass.stream, pass.images, reversed: !isReversed, adds: 1, pass.d, t)
    }
}
