import CCUDA
import Network

/// Which numbers along an axis, and with what weights, make up each of those after it: a sparse matrix, row by row.
struct AxisTaps: Sendable {
    var starts: [Int32] = [0]
    var indices: [Int32] = []
    var weights: [Float] = []

    init(_ rows: some Sequence<[(index: Int, weight: Float)]>) {
        for row in rows {
            for tap in row {
                indices.append(Int32(tap.index))
                weights.append(tap.weight)
            }
            starts.append(Int32(indices.count))
        }
    }

    /// The way back: which of those after it each number is part of.
    ///
    /// - Parameter extent: numbers before.
    func transposed(_ extent: Int) -> AxisTaps {
        var rows = [[(index: Int, weight: Float)]](repeating: [], count: extent)
        for row in 0..<starts.count - 1 {
            for k in Int(starts[row])..<Int(starts[row + 1]) { rows[Int(indices[k])].append((row, weights[k])) }
        }
        return AxisTaps(rows)
    }

    var tables: [Table] { [.integers(starts), .integers(indices), .floats(weights)] }
}

/// Axes of a tensor, one after the other, each with its numbers weighed anew.
struct Resampling {
    /// Extents of one image before, along the axis before and after, and after it; the axis's tables begin at `table`:
    /// three forward, three for the way back.
    struct Stage {
        let outer, extent, size, inner: Int
        let table: Int
    }

    let stages: [Stage]
    private let count, outputCount: Int

    /// - Parameter sizes: of the axes that are resampled, the extent after it; nil: the axis stays.
    init(_ input: Shape, _ sizes: [Int?]) {
        var dims = input.dims, stages: [Stage] = []
        count = input.count
        for (axis, size) in sizes.enumerated() {
            guard let size else { continue }
            stages.append(
                Stage(
                    outer: dims[..<axis].reduce(1, *), extent: dims[axis], size: size,
                    inner: dims[(axis + 1)...].reduce(1, *), table: 6 * stages.count))
            dims[axis] = size
        }
        self.stages = stages
        outputCount = dims.reduce(1, *)
    }

    static func tables(_ taps: AxisTaps, extent: Int) -> [Table] { taps.tables + taps.transposed(extent).tables }

    func forward(_ pass: Pass) throws(NetworkError) {
        let place = try pass.operand(0)
        guard !stages.isEmpty else {
            return try pass.stream.launch(
                copy_elements(
                    count: Int64(pass.images * count), adds: 0,
                    walk: walk([pass.images, count], [[place.stride, 1], [count, 1]]), from: place.address, to: pass.y))
        }
        let (x, keep) = try pass.dense(0, pass.shape(0))
        var source = x, held = keep
        for (index, stage) in stages.enumerated() {
            let isLast = index == stages.count - 1
            let between = isLast ? nil : try pass.stream.pool.take(pass.images * stage.outer * stage.size * stage.inner)
            let target = between?.address ?? pass.y
            try run(stage, pass, from: source, to: target, back: false, adds: false)
            withExtendedLifetime(held) {}
            (source, held) = (target, between)
        }
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        guard !stages.isEmpty else {
            return try pass.stream.launch(
                copy_elements(
                    count: Int64(pass.images * count), adds: 1, walk: walk([pass.images * count], [[1], [1]]),
                    from: pass.d, to: t))
        }
        var source = pass.d, held: Buffer?
        for (index, stage) in stages.enumerated().reversed() {
            let between =
                index == 0 ? nil : try pass.stream.pool.take(pass.images * stage.outer * stage.extent * stage.inner)
            let target = between?.address ?? t
            try run(stage, pass.pass, from: source, to: target, back: true, adds: index == 0)
            withExtendedLifetime(held) {}
            (source, held) = (target, between)
        }
    }

    private func run(
        _ stage: Stage, _ pass: Pass, from x: UInt64, to y: UInt64, back: Bool, adds: Bool
    ) throws(NetworkError) {
        let (extent, size) = back ? (stage.size, stage.extent) : (stage.extent, stage.size)
        let table = stage.table + (back ? 3 : 0)
        try pass.stream.launch(
            resample_axis(
                count: Int64(pass.images * stage.outer * size * stage.inner), size: Int64(size), extent: Int64(extent),
                inner: Int64(stage.inner), adds: adds ? 1 : 0, starts: try pass.table(table),
                indices: try pass.table(table + 1), weights: try pass.table(table + 2), x: x, y: y))
    }
}

extension Pass {
    /// Writes a number where an axis's flag is set: the flags of those axes lie one after another in a table.
    func fill(_ value: Float, outside flags: [[Bool]?], table: Int, _ output: Shape) throws(NetworkError) {
        var next = 0
        let starts = flags.map { own in
            defer { next += own?.count ?? 0 }
            return own == nil ? -1 : next
        }
        // No axes are joined here, as each has flags of its own.
        var axes = walk()
        axes.rank = Int32(output.rank + 1)
        withUnsafeMutableBytes(of: &axes.extents) { bytes in
            let numbers = bytes.assumingMemoryBound(to: Int64.self)
            for (axis, extent) in ([images] + output.dims).enumerated() { numbers[axis] = Int64(extent) }
        }
        withUnsafeMutableBytes(of: &axes.strides) { bytes in
            let numbers = bytes.assumingMemoryBound(to: Int64.self)
            for (axis, start) in ([-1] + starts).enumerated() { numbers[axis] = Int64(start) }
        }
        try stream.launch(
            fill_outside(
                count: Int64(images * output.count), walk: axes, value: value, flags: try self.table(table), y: y))
    }
}

extension Resize: CUDAOperator {
    private var resampling: Resampling { Resampling(input, axes.map { $0?.count }) }
    private var outside: [[Bool]?] { axes.map { $0?.taps.map(\.isEmpty) } }

    func tables(of input: Shape) -> [Table] {
        let taps = axes.compactMap { axis in
            axis.map { axis in
                Resampling.tables(
                    AxisTaps(axis.taps.map { $0.map { ($0.index, $0.weight) } }), extent: axis.extent)
            }
        }
        return taps.flatMap { $0 } + [.integers(outside.flatMap { ($0 ?? []).map { $0 ? 1 : 0 } })]
    }

    func forward(_ pass: Pass) throws(NetworkError) {
        try resampling.forward(pass)
        guard let extrapolation, extrapolation != 0 else { return }
        try pass.fill(extrapolation, outside: outside, table: 6 * resampling.stages.count, outputShapes[0])
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) { try resampling.gradient(pass) }
}

extension Pad: CUDAOperator {
    /// The operand's extents; an axis that stays as it is has none.
    private func stays(_ axis: Int, _ extent: Int) -> Bool { sources[axis] == Array(0..<extent) }

    private func resampling(_ input: Shape) -> Resampling {
        Resampling(input, sources.indices.map { stays($0, input[$0]) ? nil : sources[$0].count })
    }

    private var outside: [[Bool]?] { sources.map { $0.contains(-1) ? $0.map { $0 < 0 } : nil } }

    func tables(of input: Shape) -> [Table] {
        let changed = sources.indices.filter { !stays($0, input[$0]) }
        return changed.flatMap { axis in
            Resampling.tables(
                AxisTaps(sources[axis].map { $0 < 0 ? [] : [(index: $0, weight: Float(1))] }), extent: input[axis])
        } + [.integers(outside.flatMap { ($0 ?? []).map { $0 ? 1 : 0 } })]
    }

    func forward(_ pass: Pass) throws(NetworkError) {
        let resampling = resampling(pass.shape(0))
        try resampling.forward(pass)
        guard value != 0, outside.contains(where: { $0 != nil }) else { return }
        try pass.fill(value, outside: outside, table: 6 * resampling.stages.count, outputShapes[0])
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) { try resampling(pass.pass.shape(0)).gradient(pass) }
}

extension Gather: CUDAOperator {
    private var taps: AxisTaps { AxisTaps(indices.map { [(index: Int($0), weight: Float(1))] }) }
    func tables(of input: Shape) -> [Table] { Resampling.tables(taps, extent: extent) }

    private func resampling(_ input: Shape) -> Resampling {
        Resampling(input, input.dims.indices.map { $0 == axis ? indices.count : nil })
    }

    func forward(_ pass: Pass) throws(NetworkError) { try resampling(pass.shape(0)).forward(pass) }
    func gradient(_ pass: GradientPass) throws(NetworkError) { try resampling(pass.pass.shape(0)).gradient(pass) }
}

extension Col2Im: CUDAOperator {
    /// Every pixel is a sum; the way back is a copy.
    func tables(of input: Shape) -> [Table] {
        let back = AxisTaps(pixels.map { $0 < 0 ? [] : [(index: Int($0), weight: Float(1))] })
        return back.transposed(area).tables + back.tables
    }

    /// [maps, an image's blocks] as [maps, area].
    private func launch(
        _ pass: Pass, from x: UInt64, to y: UInt64, back: Bool
    ) throws(NetworkError) {
        let (extent, size) = back ? (area, pixels.count) : (pixels.count, area), table = back ? 3 : 0
        try pass.stream.launch(
            resample_axis(
                count: Int64(pass.images * maps * size), size: Int64(size), extent: Int64(extent), inner: 1,
                adds: back ? 1 : 0, starts: try pass.table(table), indices: try pass.table(table + 1),
                weights: try pass.table(table + 2), x: x, y: y))
    }

    func forward(_ pass: Pass) throws(NetworkError) {
        let (x, keep) = try pass.dense(0, pass.shape(0))
        try withExtendedLifetime(keep) { () throws(NetworkError) in try launch(pass, from: x, to: pass.y, back: false) }
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        try launch(pass.pass, from: pass.d, to: t, back: true)
    }
}
