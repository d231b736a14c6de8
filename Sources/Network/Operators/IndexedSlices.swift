/// The slices of a tensor that an operator's tuples of indices name (GatherElements, ScatterElements, GatherND,
/// ScatterND). The indices are constants, or are computed at run time as whole floats, where one outside the tensor
/// means the nearest inside.
package struct IndexedSlices: Sendable {
    /// Elements of a slice, which lie side by side.
    package let run: Int
    /// Where the slice would begin whose indices are all 0, a tuple each.
    package let bases: [Int]
    /// Extent and stride of every axis that is indexed.
    package let axes: [(extent: Int, stride: Int)]
    /// Where every slice begins; nil where the indices are computed.
    package let constant: [Int]?

    /// One element an index, along an axis.
    init(elements node: NodeReader, of data: Shape) throws(OperatorFault) {
        let shape = try node.shape(1)
        let axis = try node.axis(try node.int("axis", default: 0), in: data)
        guard shape.rank == data.rank, shape.dims.indices.allSatisfy({ $0 == axis || shape[$0] <= data[$0] }) else {
            throw .shape("indices of shape \(shape) do not fit \(data)")
        }
        let (strides, own) = (data.strides, shape.strides)
        let others = shape.dims.indices.filter { $0 != axis }
        let bases = (0..<shape.count).map { element in
            others.reduce(0) { $0 + element / own[$1] % shape[$1] * strides[$1] }
        }
        try self.init(node, run: 1, bases: bases, axes: [(data[axis], strides[axis])])
    }

    /// One slice a row of indices, which name its place along as many axes.
    init(rows node: NodeReader, of data: Shape, batch: Int = 0) throws(OperatorFault) {
        let shape = try node.shape(1)
        guard let depth = shape.dims.last, depth > 0, batch >= 0, batch < shape.rank, batch + depth <= data.rank,
            shape.dims[..<batch] == data.dims[..<batch]
        else { throw .shape("indices of shape \(shape) do not fit \(data)") }
        let perBatch = shape.dims[batch...].dropLast().reduce(1, *)
        let batchRun = data.dims[batch...].reduce(1, *)
        let bases = (0..<shape.dims.dropLast().reduce(1, *)).map { $0 / max(perBatch, 1) * batchRun }
        let strides = data.strides
        let axes = (batch..<batch + depth).map { (extent: data[$0], stride: strides[$0]) }
        try self.init(node, run: data.dims[(batch + depth)...].reduce(1, *), bases: bases, axes: axes)
    }

    private init(_ node: NodeReader, run: Int, bases: [Int], axes: [(extent: Int, stride: Int)]) throws(OperatorFault) {
        (self.run, self.bases, self.axes) = (run, bases, axes)
        if case .value? = node.operand(1) {
            guard axes.allSatisfy({ $0.extent > 0 }) else { throw .shape("indices into an axis of no elements") }
            constant = nil
            return
        }
        var starts: [Int] = []
        let indices = try node.integers(1)
        for (tuple, base) in bases.enumerated() {
            var start = base
            for (level, axis) in axes.enumerated() {
                let index = indices[tuple * axes.count + level]
                let at = index < 0 ? index + axis.extent : index
                guard (0..<axis.extent).contains(at) else {
                    throw .shape("index \(index) is outside 0..<\(axis.extent), the extent of its axis")
                }
                start += at * axis.stride
            }
            starts.append(start)
        }
        constant = starts
    }

    package var count: Int { bases.count }
}
