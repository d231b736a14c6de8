import CCUDA
import Network

extension IndexedSlices {
    /// Constant places, or where slices would begin whose indices are all 0.
    fileprivate var table: Table {
        .integers(constant.map { $0.map { Int32(bitPattern: $0) } } ?? (0..<count).map { Int32(base(of: $0)) })
    }

    /// Whether places are within what the kernels' whole numbers hold, and slices among those that a float tells apart,
    /// as which a gradient marks them.
    fileprivate var fit: Bool {
        guard count > 0, count <= 1 << 24, axes.count <= Int(GRADCAM_AXES) else { return count == 0 }
        let most = constant.map { Int($0.max() ?? 0) } ?? (0..<count).reduce(0) { max($0, base(of: $1)) }
        return most <= Int(Int32.max)
    }

    /// As the kernels take them.
    fileprivate func kernel(_ pass: Pass) throws(NetworkError) -> slices {
        var kernel = slices()
        (kernel.count, kernel.run, kernel.levels) = (Int64(count), Int64(run), Int32(axes.count))
        if constant != nil {
            kernel.starts = try pass.table(0)
            return kernel
        }
        let place = try pass.operand(1)
        (kernel.bases, kernel.indices, kernel.image_stride) = (try pass.table(0), place.address, Int64(place.stride))
        withUnsafeMutableBytes(of: &kernel.extents) { bytes in
            let numbers = bytes.assumingMemoryBound(to: Int64.self)
            for (level, axis) in axes.enumerated() { numbers[level] = Int64(axis.extent) }
        }
        withUnsafeMutableBytes(of: &kernel.strides) { bytes in
            let numbers = bytes.assumingMemoryBound(to: Int64.self)
            for (level, axis) in axes.enumerated() { numbers[level] = Int64(axis.stride) }
        }
        return kernel
    }
}

extension GatherSlices: CUDAOperator {
    var gradientReads: GradientReads { .operands }
    func tables(of input: Shape) -> [Table] { [slices.table] }
    func runs(on card: Card) -> Bool { slices.fit }

    func forward(_ pass: Pass) throws(NetworkError) {
        let place = try pass.operand(0)
        try pass.stream.launch(
            slices_forward(
                count: Int64(pass.images * outputShapes[0].count), numbers: Int64(pass.shape(0).count),
                x_stride: Int64(place.stride), slices: try slices.kernel(pass), x: place.address, y: pass.y))
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        try pass.stream.launch(
            slices_gradient(
                count: Int64(pass.images * slices.run), numbers: Int64(pass.pass.shape(0).count),
                slices: try slices.kernel(pass.pass), d: pass.d, t: t))
    }
}

extension Scatter: CUDAOperator {
    var gradientReads: GradientReads { [.operands, .outputs] }
    func tables(of input: Shape) -> [Table] { [slices.table] }
    func runs(on card: Card) -> Bool { slices.fit }

    private var kind: Int32 {
        let kind =
            switch reduction {
            case .none: scatter_none
            case .add: scatter_add
            case .mul: scatter_mul
            case .max: scatter_max
            case .min: scatter_min
            }
        return Int32(kind.rawValue)
    }

    func forward(_ pass: Pass) throws(NetworkError) {
        let (x, updates, numbers) = (try pass.operand(0), try pass.operand(2), outputShapes[0].count)
        try pass.stream.launch(
            copy_elements(
                count: Int64(pass.images * numbers), adds: 0,
                walk: walk([pass.images, numbers], [[x.stride, 1], [numbers, 1]]), from: x.address, to: pass.y))
        guard slices.count > 0 else { return }
        try pass.stream.launch(
            scatter_forward(
                count: Int64(pass.images * slices.run), numbers: Int64(numbers), u_stride: Int64(updates.stride),
                reduction: kind, slices: try slices.kernel(pass), u: updates.address, y: pass.y))
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        let (forward, stream, numbers) = (pass.pass, pass.stream, outputShapes[0].count)
        let (x, updates) = (try forward.operand(0), try forward.operand(2)), kernel = try slices.kernel(forward)
        let all = Int64(pass.images * numbers), y = forward.y
        let marks = reduction == .add ? nil : try stream.pool.take(pass.images * numbers)
        let rest = reduction == .mul ? try stream.pool.take(pass.images * numbers) : nil
        let (m, r) = (marks?.address ?? 0, rest?.address ?? 0)
        if marks != nil {
            try stream.launch(
                scatter_start(
                    count: all, numbers: Int64(numbers), x_stride: Int64(x.stride), reduction: kind, x: x.address, y: y,
                    marks: m, rest: r))
            try stream.launch(
                scatter_marks(
                    count: Int64(pass.images * slices.run), numbers: Int64(numbers), u_stride: Int64(updates.stride),
                    reduction: kind, slices: kernel, u: updates.address, y: y, marks: m, rest: r))
        }
        if let t = pass.dOperands[0] {
            try stream.launch(
                scatter_x_gradient(
                    count: all, numbers: Int64(numbers), x_stride: Int64(x.stride), reduction: kind, x: x.address, y: y,
                    marks: m, rest: r, d: pass.d, t: t))
        }
        if let t = pass.dOperands[2] {
            try stream.launch(
                scatter_u_gradient(
                    count: Int64(pass.images * slices.count * slices.run), numbers: Int64(numbers),
                    u_stride: Int64(updates.stride), reduction: kind, slices: kernel, u: updates.address, y: y,
                    marks: m, rest: r, d: pass.d, t: t))
        }
        withExtendedLifetime((marks, rest)) {}
    }
}

extension ArgMax: CUDAOperator {
    func forward(_ pass: Pass) throws(NetworkError) {
        let (x, keep) = try pass.dense(0, pass.shape(0))
        try withExtendedLifetime(keep) { () throws(NetworkError) in
            try pass.stream.launch(
                arg_max(
                    count: Int64(pass.images * outer * inner), extent: Int64(extent), inner: Int64(inner),
                    least: findsLeast ? 1 : 0, last: takesLast ? 1 : 0, x: x, y: pass.y))
        }
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {}
}

extension TopK: CUDAOperator {
    var gradientReads: GradientReads { .operands }

    private func find(_ pass: Pass, _ y: UInt64, _ places: UInt64) throws(NetworkError) {
        let (x, keep) = try pass.dense(0, pass.shape(0))
        try withExtendedLifetime(keep) { () throws(NetworkError) in
            try pass.stream.launch(
                top_forward(
                    count: Int64(pass.images * outer * inner), extent: Int64(extent), inner: Int64(inner), k: Int64(k),
                    sign: findsGreatest ? 1 : -1, x: x, y: y, places: places))
        }
    }

    func forward(_ pass: Pass) throws(NetworkError) {
        if pass.outputs.count > 1 { return try find(pass, pass.y, pass.outputs[1]!.address) }
        let places = try pass.stream.pool.take(pass.images * outputShapes[0].count)
        try find(pass, pass.y, places.address)
        withExtendedLifetime(places) {}
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0], let d = pass.dOutputs[0] else { return }
        let count = pass.images * outputShapes[0].count
        let (found, places) = (try pass.stream.pool.take(count), try pass.stream.pool.take(count))
        try find(pass.pass, found.address, places.address)
        try pass.stream.launch(
            top_gradient(
                count: Int64(pass.images * outer * inner), extent: Int64(extent), inner: Int64(inner), k: Int64(k),
                places: places.address, d: d, t: t))
        withExtendedLifetime((found, places)) {}
    }
}
