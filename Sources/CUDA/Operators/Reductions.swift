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

    private var reduced: Int64 { Int64(axes.reduce(1) { $0 * input[$1] }) }

    func forward(_ pass: Pass) throws(NetworkError) {
        let place = try pass.operand(0), walks = walks(pass.images, place.stride)
        try pass.stream.launch(
            reduce_forward(
                count: Int64(pass.images * outputShapes[0].count), inner_count: reduced, kind: kernel, factor: factor,
                outer: walks.outer, inner: walks.inner, x: place.address, y: pass.y))
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
                    count: Int64(pass.images * count), inner_count: reduced, kind: kernel, outer: walks.outer,
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

    func forward(_ pass: Pass) throws(NetworkError) {
        let (x, keep) = try pass.dense(0, outputShapes[0])
        try withExtendedLifetime(keep) { () throws(NetworkError) in
            try pass.stream.launch(
                softmax_forward(
                    count: Int64(pass.images * outer * inner), extent: Int64(extent), inner: Int64(inner),
                    is_log: isLog ? 1 : 0, x: x, y: pass.y))
        }
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        try pass.stream.launch(
            softmax_gradient(
                count: Int64(pass.images * outer * inner), extent: Int64(extent), inner: Int64(inner),
                is_log: isLog ? 1 : 0, y: pass.pass.y, d: pass.d, t: t))
    }
}

extension Normalization: CUDAOperator {
    var gradientReads: GradientReads { .operands }
    func tables(of input: Shape) -> [Table] { [.floats(gain), .floats(bias ?? [])] }

    private var rows: Int { row > 0 ? outputShapes[0].count / row : 0 }

    func forward(_ pass: Pass) throws(NetworkError) {
        let (x, keep) = try pass.dense(0, outputShapes[0])
        try withExtendedLifetime(keep) { () throws(NetworkError) in
            try pass.stream.launch(
                normalise_forward(
                    count: Int64(pass.images * rows), row: Int64(row), rows: Int64(rows), gain_run: Int64(gainRun),
                    gains: Int64(gain.count), subtracts_mean: subtractsMean ? 1 : 0, epsilon: epsilon,
                    gain: try pass.table(0), bias: bias == nil ? 0 : try pass.table(1), x: x, y: pass.y))
        }
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        try pass.stream.launch(
            normalise_gradient(
                count: Int64(pass.images * rows), row: Int64(row), rows: Int64(rows), gain_run: Int64(gainRun),
                gains: Int64(gain.count), subtracts_mean: subtractsMean ? 1 : 0, epsilon: epsilon,
                gain: try pass.pass.table(0), x: pass.pass.x, d: pass.d, t: t))
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
