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
    /// How many of the tensor's axes lie before a slice: those of a batch, and those that are indexed.
    let indexed: Int

    /// One element an index, along an axis.
    init(elements node: NodeReader, of data: Extents) throws(OperatorFault) {
        let shape = try node.shape(1)
        let axis = try node.axis(of: data, default: 0)
        guard shape.rank == data.rank, shape.axes.allSatisfy({ $0 == axis || shape[$0] <= data[$0] }) else {
            throw .shape("indices of shape \(shape) do not fit \(data)")
        }
        try node.checkTable(shape.count)
        let (strides, indices, own) = (data.shape.strides, shape.shape, shape.shape.strides)
        let others = shape.axes.filter { $0 != axis }
        let bases = (0..<indices.count).map { element in
            others.reduce(0) { $0 + element / own[$1] % indices[$1] * strides[$1] }
        }
        try self.init(node, run: 1, bases: bases, axes: [(data.shape[axis], strides[axis])], indexed: data.rank)
    }

    /// One slice a row of indices, which name its place along as many axes.
    init(rows node: NodeReader, of data: Extents, batch stated: Extent = 0) throws(OperatorFault) {
        let shape = try node.shape(1)
        guard let depth = shape.dims.last, depth > 0, stated >= 0, stated < Extent(shape.rank),
            try stated + depth <= Extent(data.rank), shape.dims[..<stated.value] == data.dims[..<stated.value]
        else { throw .shape("indices of shape \(shape) do not fit \(data)") }
        let (batch, indexed) = (stated.value, try (stated + depth).value)
        let perBatch = try shape.dims[batch...].dropLast().product().value
        let batchRun = try data.dims[batch...].product().value, count = try shape.dims.dropLast().product()
        try node.checkTable(count)
        let bases = (0..<count.value).map { $0 / max(perBatch, 1) * batchRun }
        let strides = data.shape.strides
        let axes = (batch..<indexed).map { (extent: data.shape[$0], stride: strides[$0]) }
        let run = try data.dims[indexed...].product().value
        try self.init(node, run: run, bases: bases, axes: axes, indexed: indexed)
    }

    private init(
        _ node: NodeReader, run: Int, bases: [Int], axes: [(extent: Int, stride: Int)], indexed: Int
    ) throws(OperatorFault) {
        (self.run, self.bases, self.axes, self.indexed) = (run, bases, axes, indexed)
        if case .value? = node.operand(1) {
            guard axes.allSatisfy({ $0.extent > 0 }) else { throw .shape("indices into an axis of no elements") }
            constant = nil
            return
        }
        var starts: [Int] = []
        let indices = try node.wholeNumbers(1).values
        for (tuple, base) in bases.enumerated() {
            var start = base
            for (level, axis) in axes.enumerated() {
                let index = indices[tuple * axes.count + level]
                let at = Int(clamping: index < 0 ? index &+ Int64(axis.extent) : index)
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
