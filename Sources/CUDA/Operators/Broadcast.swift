import CCUDA
import Network

extension Pass {
    /// An operand's strides along the images and the axes of a shape that it broadcasts to.
    func strides(_ index: Int, to target: Shape) throws(NetworkError) -> [Int] {
        [try operand(index).stride] + shape(index).strides(broadcastTo: target)
    }

    /// y = f(a, b), where a is an operand, or what y holds so far (nil).
    func combine(_ kind: binary_kind, _ a: Int?, _ b: Int, _ output: Shape) throws(NetworkError) {
        let own = [output.count] + output.rowMajor,
            first = try a.map { i throws(NetworkError) in try operand(i).address }
        let strides = try a.map { i throws(NetworkError) in try self.strides(i, to: output) }
        try stream.launch(
            binary_forward(
                count: Int64(images * output.count), kind: Int32(kind.rawValue),
                walk: walk([images] + output.dims, [strides ?? own, try self.strides(b, to: output)]),
                a: first ?? y, b: try operand(b).address, y: y))
    }
}

extension Pass {
    /// y += factor * an operand.
    func add(_ index: Int, times factor: Float, _ output: Shape) throws(NetworkError) {
        let own = [output.count] + output.rowMajor, strides = try strides(index, to: output)
        try stream.launch(
            binary_gradient(
                count: Int64(images * output.count), parts: 1, inner_count: 1, kind: Int32(share_all.rawValue),
                factor: factor, outer: walk([images] + output.dims, [strides, own, own]), inner: walk(), a: 0, b: 0,
                y: 0, d: try operand(index).address, t: y, sums: 0))
    }
}

extension GradientPass {
    /// Adds to an operand's gradient what its elements are passed on.
    ///
    /// - Parameters:
    ///   - reads: the operands a and b of the kind, where it reads them.
    ///   - dense: what `reads` are, where they are no operands.
    func share(
        _ kind: binary_share, to index: Int, _ output: Shape, reading reads: (a: Int?, b: Int?) = (nil, nil),
        factor: Float = 1
    ) throws(NetworkError) {
        guard let t = dOperands[index] else { return }
        let own = pass.shape(index), offset = output.rank - own.rank
        let whole = [output.count] + output.rowMajor
        func strides(_ read: Int?) throws(NetworkError) -> [Int] {
            guard let read else { return whole }
            return try pass.strides(read, to: output)
        }
        let all = [whole, try strides(reads.a), try strides(reads.b)]
        // Axes along which the operand is repeated; the others, with the images, are its own.
        let repeated = output.dims.indices.filter { axis in
            axis < offset || (own[axis - offset] == 1 && output[axis] != 1)
        }
        let kept = output.dims.indices.filter { !repeated.contains($0) }
        let inner = repeated.map { output[$0] }
        let outer = walk(
            [images] + kept.map { output[$0] }, all.map { strides in [strides[0]] + kept.map { strides[$0 + 1] } })
        func address(_ read: Int?) throws(NetworkError) -> UInt64 {
            guard let read else { return 0 }
            return try pass.operand(read).address
        }
        let count = images * own.count, repeats = inner.reduce(1, *), parts = Lines.parts(count, of: repeats)
        // Numbers of double precision.
        let sums = parts > 1 ? try stream.pool.take(2 * count * parts) : nil
        try stream.launch(
            binary_gradient(
                count: Int64(count * parts), parts: Int64(parts), inner_count: Int64(repeats),
                kind: Int32(kind.rawValue), factor: factor, outer: outer,
                inner: walk(inner, all.map { strides in repeated.map { strides[$0 + 1] } }),
                a: try address(reads.a), b: try address(reads.b), y: pass.outputs[0]?.address ?? 0, d: d, t: t,
                sums: sums?.address ?? 0))
        guard let sums else { return }
        try stream.launch(
            binary_join(count: Int64(count), parts: Int64(parts), factor: factor, sums: sums.address, t: t))
        withExtendedLifetime(sums) {}
    }
}

extension Add: CUDAOperator {
    func forward(_ pass: Pass) throws(NetworkError) {
        let count = pass.computed.count
        guard count > 1 else {
            let place = try pass.operand(0), shape = outputShapes[0]
            return try pass.stream.launch(
                copy_elements(
                    count: Int64(pass.images * shape.count), adds: 0,
                    walk: walk([pass.images, shape.count], [[place.stride, 1], [shape.count, 1]]), from: place.address,
                    to: pass.y))
        }
        try pass.combine(binary_add, 0, 1, outputShapes[0])
        for next in 2..<max(count, 2) { try pass.combine(binary_add, nil, next, outputShapes[0]) }
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        for index in pass.dOperands.indices { try pass.share(share_all, to: index, outputShapes[0]) }
    }
}

extension Binary: CUDAOperator {
    var gradientReads: GradientReads { kind == .sub ? [] : [.operands, .outputs] }

    func forward(_ pass: Pass) throws(NetworkError) {
        let kernel =
            switch kind {
            case .sub: binary_sub
            case .mul: binary_mul
            case .div: binary_div
            case .pow: binary_pow
            case .min: binary_min
            case .max: binary_max
            case .mod: truncates ? binary_fmod : binary_mod
            case .prelu: binary_prelu
            }
        try pass.combine(kernel, 0, 1, outputShapes[0])
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        let kinds: (a: binary_share, b: binary_share) =
            switch kind {
            case .sub: (share_all, share_negative)
            case .mul: (share_mul, share_mul)
            case .div: (share_div_a, share_div_b)
            case .pow: (share_pow_a, share_pow_b)
            case .min: (share_min, share_min)
            case .max: (share_max, share_max)
            case .mod: (share_all, truncates ? share_fmod_b : share_mod_b)
            case .prelu: (share_prelu_a, share_prelu_b)
            }
        // The symmetric kinds see their own operand as a.
        let isSymmetric = [.mul, .min, .max].contains(kind)
        let reads = kind != .sub
        try pass.share(kinds.a, to: 0, outputShapes[0], reading: reads ? (0, 1) : (nil, nil))
        try pass.share(
            kinds.b, to: 1, outputShapes[0], reading: reads ? isSymmetric ? (1, 0) : (0, 1) : (nil, nil))
    }
}

extension Comparison: CUDAOperator {
    func forward(_ pass: Pass) throws(NetworkError) {
        let kernel =
            switch kind {
            case .equal: binary_equal
            case .greater: binary_greater
            case .greaterOrEqual: binary_greater_or_equal
            case .less: binary_less
            case .lessOrEqual: binary_less_or_equal
            case .and: binary_and
            case .or: binary_or
            case .xor: binary_xor
            }
        try pass.combine(kernel, 0, 1, outputShapes[0])
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {}
}

extension Where: CUDAOperator {
    var gradientReads: GradientReads { .operands }

    func forward(_ pass: Pass) throws(NetworkError) {
        let output = outputShapes[0]
        try pass.stream.launch(
            where_forward(
                count: Int64(pass.images * output.count),
                walk: walk(
                    [pass.images] + output.dims,
                    [
                        try pass.strides(0, to: output), try pass.strides(1, to: output),
                        try pass.strides(2, to: output),
                    ]), c: try pass.operand(0).address, a: try pass.operand(1).address, b: try pass.operand(2).address,
                y: pass.y))
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        try pass.share(share_where, to: 1, outputShapes[0], reading: (0, nil))
        try pass.share(share_where_not, to: 2, outputShapes[0], reading: (0, nil))
    }
}

extension Expand: CUDAOperator {
    func forward(_ pass: Pass) throws(NetworkError) {
        let output = outputShapes[0], own = [output.count] + output.rowMajor
        try pass.stream.launch(
            copy_elements(
                count: Int64(pass.images * output.count), adds: 0,
                walk: walk([pass.images] + output.dims, [try pass.strides(0, to: output), own]),
                from: try pass.operand(0).address, to: pass.y))
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) { try pass.share(share_all, to: 0, outputShapes[0]) }
}
