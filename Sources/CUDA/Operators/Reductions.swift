import CCUDA
import Network

extension Reduce: CUDAOperator {
    var gradientReads: GradientReads { [.sum, .mean].contains(kind) ? [] : [.operands, .outputs] }

    private var kernel: Int32 {
        let kernel =
            switch kind {
            case .sum, .mean: reduce_sum
            case .l1: reduce_l1
            case .l2: reduce_l2
            case .sumSquare: reduce_sum_square
            case .logSum: reduce_log_sum
            case .logSumExp: reduce_log_sum_exp
            case .max: reduce_max
            case .min: reduce_min
            case .product: reduce_product
            }
        return Int32(kernel.rawValue)
    }

    private var factor: Float { kind == .mean ? Float(outputShapes[0].count) / Float(max(input.count, 1)) : 1 }
    private var kept: [Int] { input.dims.indices.filter { !axes.contains($0) } }

    /// Walks over the output and over what is reduced, with the operand's strides.
    private func walks(_ images: Int, _ stride: Int) -> (outer: walk, inner: walk) {
        let strides = input.rowMajor
        return (
            walk([images] + kept.map { input[$0] }, [[stride] + kept.map { strides[$0] }]),
            walk(axes.map { input[$0] }, [axes.map { strides[$0] }])
        )
    }

    private var reduced: Int { axes.reduce(1) { $0 * input[$1] } }

    /// Of every part of every output, two numbers of double precision.
    private func sums(_ images: Int) -> (outputs: Int, parts: Int, numbers: Int) {
        let outputs = images * outputShapes[0].count, parts = Lines.parts(outputs, of: reduced)
        return (outputs, parts, 4 * outputs * parts)
    }

    func work(_ images: Int, on card: Card) -> [Int] { [sums(images).numbers] }

    func forward(_ pass: Pass) throws(NetworkError) {
        let place = try pass.operand(0), walks = walks(pass.images, place.stride)
        let (outputs, parts, numbers) = sums(pass.images), sums = try pass.stream.pool.take(numbers)
        try pass.stream.launch(
            reduce_parts(
                count: Int64(outputs * parts), parts: Int64(parts), inner_count: Int64(reduced), kind: kernel,
                outer: walks.outer, inner: walks.inner, x: place.address, sums: sums.address))
        try pass.stream.launch(
            reduce_forward(
                count: Int64(outputs), parts: Int64(parts), kind: kernel, factor: factor, sums: sums.address, y: pass.y)
        )
        withExtendedLifetime(sums) {}
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        let count = outputShapes[0].count, stream = pass.stream
        let needsMarks = [.max, .min, .product].contains(kind)
        let marks = needsMarks ? try stream.pool.take(pass.images * count) : nil
        let rest = kind == .product ? try stream.pool.take(pass.images * count) : nil
        let reads = kind != .sum && kind != .mean
        let (x, y) = (reads ? pass.pass.x : 0, reads ? pass.pass.y : 0)
        if let marks {
            let walks = walks(pass.images, input.count)
            try stream.launch(
                reduce_marks(
                    count: Int64(pass.images * count), inner_count: Int64(reduced), kind: kernel, outer: walks.outer,
                    inner: walks.inner, x: x, y: y, marks: marks.address, rest: rest?.address ?? 0))
        }
        // The output's strides along the operand's axes.
        var strides = [Int](repeating: 0, count: input.rank), next = 1
        for axis in kept.reversed() { (strides[axis], next) = (next, next * input[axis]) }
        try stream.launch(
            reduce_gradient(
                count: Int64(pass.images * input.count), kind: kernel, factor: factor,
                walk: walk([pass.images] + input.dims, [[count] + strides]), x: x, y: y, d: pass.d,
                marks: marks?.address ?? 0, rest: rest?.address ?? 0, t: t))
        withExtendedLifetime((marks, rest)) {}
    }
}

extension Softmax: CUDAOperator {
    var gradientReads: GradientReads { .outputs }

    private func lines(_ images: Int) -> Lines { Lines(count: images * outer * inner, extent: extent, inner: inner) }

    func work(_ images: Int, on card: Card) -> [Int] { lines(images).work }

    func forward(_ pass: Pass) throws(NetworkError) {
        let (x, keep) = try pass.dense(0, outputShapes[0])
        let found = try lines(pass.images).found(line_exponentials, pass.stream, x: x)
        try pass.stream.launch(
            softmax_forward(
                count: Int64(pass.images * outputShapes[0].count), extent: Int64(extent), inner: Int64(inner),
                is_log: isLog ? 1 : 0, found: found.address, x: x, y: pass.y))
        withExtendedLifetime((keep, found)) {}
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        let lines = lines(pass.images), y = pass.pass.y
        let found =
            isLog
            ? try lines.found(line_sum, pass.stream, x: pass.d)
            : try lines.found(line_product, pass.stream, x: y, d: pass.d)
        try pass.stream.launch(
            softmax_gradient(
                count: Int64(pass.images * outputShapes[0].count), extent: Int64(extent), inner: Int64(inner),
                is_log: isLog ? 1 : 0, found: found.address, y: y, d: pass.d, t: t))
        withExtendedLifetime(found) {}
    }
}

extension Normalization: CUDAOperator {
    var gradientReads: GradientReads { .operands }
    func tables(of input: Shape) -> [Table] { [.floats(gain), .floats(bias ?? [])] }

    private var numbers: Int { outputShapes[0].count }

    private func lines(_ images: Int) -> Lines {
        Lines(count: row > 0 ? images * numbers / row : 0, extent: row)
    }

    /// Back the moments besides.
    func work(_ images: Int, on card: Card) -> [Int] { lines(images).work + lines(images).work.suffix(1) }

    private func moments(_ x: UInt64, _ pass: Pass) throws(NetworkError) -> Buffer {
        try lines(pass.images).found(
            subtractsMean ? line_moments : line_squares, pass.stream, x: x, epsilon: epsilon)
    }

    func forward(_ pass: Pass) throws(NetworkError) {
        let (x, keep) = try pass.dense(0, outputShapes[0]), known = try moments(x, pass)
        try pass.stream.launch(
            normalise_forward(
                count: Int64(pass.images * numbers), row: Int64(row), numbers: Int64(numbers),
                gain_run: Int64(gainRun), gains: Int64(gain.count), known: known.address, gain: try pass.table(0),
                bias: bias == nil ? 0 : try pass.table(1), x: x, y: pass.y))
        withExtendedLifetime((keep, known)) {}
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        let x = pass.pass.x, gains = try pass.pass.table(0), known = try moments(x, pass.pass)
        let found = try lines(pass.images).found(
            line_pull, pass.stream, x: x, d: pass.d,
            pull: .init(
                numbers: numbers, gainRun: gainRun, gains: gain.count, subtractsMean: subtractsMean, gain: gains,
                known: known.address))
        try pass.stream.launch(
            normalise_gradient(
                count: Int64(pass.images * numbers), row: Int64(row), numbers: Int64(numbers),
                gain_run: Int64(gainRun), gains: Int64(gain.count), known: known.address, found: found.address,
                gain: gains, x: x, d: pass.d, t: t))
        withExtendedLifetime((known, found)) {}
    }
}

extension LRN: CUDAOperator {
    var gradientReads: GradientReads { .operands }

    private var area: Int { outputShapes[0][2] * outputShapes[0][3] }

    func forward(_ pass: Pass) throws(NetworkError) {
        let (x, keep) = try pass.dense(0, outputShapes[0])
        try withExtendedLifetime(keep) { () throws(NetworkError) in
            try pass.stream.launch(
                lrn_forward(
                    count: Int64(pass.images * outputShapes[0].count), channels: Int64(outputShapes[0][1]),
                    area: Int64(area), size: Int64(size), alpha: alpha, beta: beta, bias: bias, x: x, y: pass.y))
        }
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        try pass.stream.launch(
            lrn_gradient(
                count: Int64(pass.images * outputShapes[0].count), channels: Int64(outputShapes[0][1]),
                area: Int64(area), size: Int64(size), alpha: alpha, beta: beta, bias: bias, x: pass.pass.x, d: pass.d,
                t: t))
    }
}
