import CKernels
import Platform

extension Reduce: CPUOperator, Kernel {
    var gradientReads: GradientReads { [.sum, .mean].contains(kind) ? [] : [.operands, .outputs] }

    /// Two numbers for every element of the output: extremes and their counts, products and zeros.
    func scratch(images: Int, threads: Int) -> Int {
        [.logSumExp, .max, .min, .product].contains(kind) ? 2 * images * outputShapes[0].count : 0
    }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        // Where the axes that are left keep their order in memory, a map is reduced as it lies.
        let spatial = arriving.first == .channelsLast && (keepsDims || axes == [2, 3])
        return spatial
            ? ([.channelsLast] + arriving.dropFirst().map { _ in .plain }, [keepsDims ? .channelsLast : .plain])
            : LayoutRule.plain(arriving)
    }

    /// Walks the operand, with the place in the output that each element is reduced into.
    private func walk(_ operand: TensorView) -> StridedWalk {
        let order = operand.layout.order(rank: input.rank)
        let kept = input.single(along: axes)
        let reduced = TensorView(base: operand.base, shape: kept, layout: operand.layout, imageStride: 0)
        return StridedWalk(
            dims: operand.physicalDims,
            strides: [operand.strides(along: input, order: order), reduced.strides(along: input, order: order)])
    }

    private var factor: Float { kind == .mean ? Float(outputShapes[0].count) / Float(max(input.count, 1)) : 1 }

    func forward(_ pass: ForwardPass) {
        let count = outputShapes[0].count
        func finish(_ f: (Float) -> Float) {
            let y = pass.output.base
            for i in 0..<pass.images * count { y[i] = f(y[i]) }
        }
        switch kind {
        case .sum, .mean:
            pass.output.base.update(repeating: 0, count: pass.images * count)
            for image in 0..<pass.images {
                sum(pass.input, pass.input.image(image), to: pass.output.image(image), pass.threads)
            }
            if kind == .mean { finish { $0 * factor } }
        case .l1: reduce(pass, 0) { $0 + abs($1) }
        case .sumSquare: reduce(pass, 0) { $0 + $1 * $1 }
        case .l2:
            reduce(pass, 0) { $0 + $1 * $1 }
            finish { $0.squareRoot() }
        case .logSum:
            reduce(pass, 0) { $0 + $1 }
            finish(logf)
        case .max: reduce(pass, -.infinity) { greater($0, $1) }
        case .min: reduce(pass, .infinity) { lesser($0, $1) }
        case .product: reduce(pass, 1) { $0 * $1 }
        case .logSumExp:
            let peaks = pass.scratch
            reduce(pass, -.infinity) { max($0, $1) }
            for i in 0..<pass.images * count { peaks[i] = pass.output.base[i].isFinite ? pass.output.base[i] : 0 }
            pass.output.base.update(repeating: 0, count: pass.images * count)
            visit(pass.images, pass.input, pass.output, pass.threads) { image, x, y in
                y.pointee += expf(x.pointee - peaks[image * count + (y - pass.output.image(image))])
            }
            for i in 0..<pass.images * count { pass.output.base[i] = logf(pass.output.base[i]) + peaks[i] }
        }
    }

    @inline(__always)
    private func reduce(_ pass: ForwardPass, _ start: Float, _ combine: (Float, Float) -> Float) {
        pass.output.base.update(repeating: start, count: pass.images * pass.output.shape.count)
        forEachLine(pass.images, pass.input, pass.output, pass.threads) { line in
            let (x, y) = (line.x, line.y)
            if (line.xStride, line.yStride) == (1, 1) {
                for i in 0..<line.count { y[i] = combine(y[i], x[i]) }
            } else {
                for i in 0..<line.count { y[i * line.yStride] = combine(y[i * line.yStride], x[i * line.xStride]) }
            }
        }
    }

    /// Adds up one image, x, where the output, y, is zero.
    private func sum(
        _ view: TensorView, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, _ threads: Threads
    ) {
        let walk = walk(view)
        let (length, strides, outer) = (walk.lineLength, walk.lineStrides, walk.strides.map { Array($0.dropLast()) })
        guard length > 0, walk.lines > 0 else { return }
        if strides == [1, 0], !outer[1].contains(0) {
            threads.split(walk.lines, grain: max(1, 16384 / max(length, 1))) { lines in
                walk.forEachLine(lines) { y[$0[1]] = Float(gradcam_deviations(x + $0[0], length, 0, false)) }
            }
        } else if strides == [1, 1], outer[1].last == 0 {
            // Of every column the rows, by threads that take some columns each.
            let rows = walk.dims[walk.dims.count - 2]
            threads.split((length + 15) / 16, grain: max(1, 1024 / rows)) { some in
                let columns = some.lowerBound * 16..<min(some.upperBound * 16, length)
                for plane in 0..<walk.lines / rows {
                    walk.forEachLine(plane * rows..<plane * rows + 1) { offsets in
                        gradcam_add_rows(
                            x + offsets[0] + columns.lowerBound, outer[0].last!, rows,
                            y + offsets[1] + columns.lowerBound, columns.count)
                    }
                }
            }
        } else {
            walk.forEachLine(0..<walk.lines) {
                add(1, x + $0[0], strides[0], to: y + $0[1], strides[1], count: length)
            }
        }
    }

    /// y += factor * x.
    private func add(
        _ factor: Float, _ x: UnsafePointer<Float>, _ xStride: Int, to y: UnsafeMutablePointer<Float>, _ yStride: Int,
        count: Int
    ) {
        if (xStride, yStride) == (1, 1) { return gradcam_add_scaled_rows([factor], [x], 1, y, count) }
        for i in 0..<count { y[i * yStride] += factor * x[i * xStride] }
    }

    /// Elements of an operand, x, and those that they are reduced into, y, both evenly apart.
    private struct Line {
        let image: Int
        let x, y: UnsafeMutablePointer<Float>
        let xStride, yStride, count: Int
    }

    /// Visits an operand line by line.
    @inline(__always)
    private func forEachLine(
        _ images: Int, _ operand: TensorView, _ reduced: TensorView, _ threads: Threads, _ body: (Line) -> Void
    ) {
        let walk = walk(operand)
        let (sx, sy) = (walk.lineStrides[0], walk.lineStrides[1])
        threads.split(images) { images in
            for image in images {
                let (x, y) = (operand.image(image), reduced.image(image))
                walk.forEachLine(0..<walk.lines) {
                    body(
                        Line(image: image, x: x + $0[0], y: y + $0[1], xStride: sx, yStride: sy, count: walk.lineLength)
                    )
                }
            }
        }
    }

    /// Calls `body(image, element, reduced element)` for every element of an operand.
    @inline(__always)
    private func visit(
        _ images: Int, _ operand: TensorView, _ reduced: TensorView, _ threads: Threads,
        _ body: (Int, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void
    ) {
        forEachLine(images, operand, reduced, threads) { line in
            for i in 0..<line.count { body(line.image, line.x + i * line.xStride, line.y + i * line.yStride) }
        }
    }

    func gradient(_ pass: GradientPass) {
        switch kind {
        case .sum, .mean:
            guard let dx = pass.dOperands[0] else { return }
            forEachLine(pass.images, dx, pass.dOutput, pass.threads) { line in
                add(factor, line.y, line.yStride, to: line.x, line.xStride, count: line.count)
            }
        case .l1: add(pass) { d, x, _, _ in x > 0 ? d : x < 0 ? -d : 0 }
        case .l2: add(pass) { d, x, y, _ in y == 0 ? 0 : d * x / y }
        case .sumSquare: add(pass) { d, x, _, _ in 2 * d * x }
        case .logSum: add(pass) { d, _, y, _ in d / expf(y) }
        case .logSumExp: add(pass) { d, x, y, _ in d * expf(x - y) }
        case .max, .min:
            let ties = pass.scratch
            ties.update(repeating: 0, count: pass.images * outputShapes[0].count)
            visit(pass) { at, x, y in if x == y { ties[at] += 1 } }
            add(pass) { d, x, y, at in x == y ? d / ties[at] : 0 }
        case .product:
            // The product of the others: of those that are not 0, where x itself is the only 0 or there is none.
            let (zeros, rest) = (pass.scratch, pass.scratch + pass.images * outputShapes[0].count)
            zeros.update(repeating: 0, count: pass.images * outputShapes[0].count)
            rest.update(repeating: 1, count: pass.images * outputShapes[0].count)
            visit(pass) { at, x, _ in if x == 0 { zeros[at] += 1 } else { rest[at] *= x } }
            add(pass) { d, x, y, at in zeros[at] == 0 ? d * y / x : zeros[at] == 1 && x == 0 ? d * rest[at] : 0 }
        }
    }

    /// Calls `body(place in the outputs of all images, x, y)` for every element.
    @inline(__always)
    private func visit(_ pass: GradientPass, _ body: (Int, Float, Float) -> Void) {
        let count = outputShapes[0].count
        visit(pass.images, pass.operands[0], pass.outputs[0], pass.threads) { image, x, y in
            body(image * count + (y - pass.outputs[0].image(image)), x.pointee, y.pointee)
        }
    }

    /// Adds `f(d, x, y, place in the outputs of all images)` to the operand's gradient.
    @inline(__always)
    private func add(_ pass: GradientPass, _ f: (Float, Float, Float, Int) -> Float) {
        guard let dx = pass.dOperands[0] else { return }
        let (x, y) = (pass.operands[0], pass.outputs[0])
        let count = outputShapes[0].count
        visit(pass.images, dx, pass.dOutput, pass.threads) { image, t, d in
            let (at, place) = (t - dx.image(image), d - pass.dOutput.image(image))
            t.pointee += f(d.pointee, x.image(image)[at], y.image(image)[place], image * count + place)
        }
    }
}
