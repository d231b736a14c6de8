/// The slices of a tensor that an operator's tuples of indices name (GatherElements, ScatterElements, GatherND,
/// ScatterND). The indices are constants, or are computed at run time as whole floats, where one outside the tensor
/// means the nearest inside.
package struct IndexedSlices: Sendable {
    /// Elements of a slice, which lie side by side.
    package let run: Int
    /// Slices.
    package let count: Int
    /// Where the slice would begin whose indices are all 0: the sum over these of number / divisor % extent * stride.
    private let bases: [(divisor: Int, extent: Int, stride: Int)]
    /// Extent and stride of every axis that is indexed.
    package let axes: [(extent: Int, stride: Int)]
    /// Where every slice begins; nil where the indices are computed.
    package let constant: [UInt32]?
    /// How many of the tensor's axes lie before a slice: those of a batch, and those that are indexed.
    let indexed: Int

    /// One element an index, along an axis.
    init(elements node: NodeReader, of data: Extents) throws(OperatorFault) {
        let shape = try node.shape(1)
        let axis = try node.axis(of: data, default: 0)
        guard shape.rank == data.rank, shape.axes.allSatisfy({ $0 == axis || shape.dims[$0] <= data.dims[$0] }) else {
            throw .shape("indices of shape \(shape) do not fit \(data)")
        }
        let (strides, own) = (data.shape.strides, shape.shape.strides)
        let bases = shape.axes.filter { $0 != axis }.map { (own[$0], shape.shape[$0], strides[$0]) }
        try self.init(
            node, of: data, run: 1, count: shape.count, bases: bases, axes: [(data.shape[axis], strides[axis])],
            indexed: data.rank)
    }

    /// One slice a row of indices, which name its place along as many axes.
    init(rows node: NodeReader, of data: Extents, batch stated: Extent = 0) throws(OperatorFault) {
        let shape = try node.shape(1)
        guard let depth = shape.dims.last, depth > 0, stated >= 0, stated < Extent(shape.rank),
            try stated + depth <= Extent(data.rank), shape.dims[..<stated.value] == data.dims[..<stated.value]
        else { throw .shape("indices of shape \(shape) do not fit \(data)") }
        let (batch, indexed) = (stated.value, try (stated + depth).value)
        let perBatch = try max(shape.dims[batch...].dropLast().product(), 1).value
        let batchRun = try data.dims[batch...].product().value, strides = data.shape.strides
        try self.init(
            node, of: data, run: try data.dims[indexed...].product().value, count: try shape.dims.dropLast().product(),
            bases: [(perBatch, .max, batchRun)], axes: (batch..<indexed).map { (data.shape[$0], strides[$0]) },
            indexed: indexed)
    }

    private init(
        _ node: NodeReader, of data: Extents, run: Int, count stated: Extent,
        bases: [(divisor: Int, extent: Int, stride: Int)], axes: [(extent: Int, stride: Int)], indexed: Int
    ) throws(OperatorFault) {
        (count, self.run, self.bases, self.axes, self.indexed) = (stated.value, run, bases, axes, indexed)
        if case .value? = node.operand(1) {
            guard axes.allSatisfy({ $0.extent > 0 }) else { throw .shape("indices into an axis of no elements") }
            constant = nil
            return
        }
        guard data.count <= .mostUInt32 else { throw .shape("\(data) is too large for indices that are not computed") }
        let indices = try node.wholeNumbers(1).values
        _ = try node.constant(try Shape([stated]))
        try node.countTable(stated, bytes: 4)
        var starts: [UInt32] = []
        starts.reserveCapacity(count)
        for tuple in 0..<count {
            var start = Self.base(of: tuple, bases)
            for (level, axis) in axes.enumerated() {
                let index = indices[tuple * axes.count + level], extent = Int64(axis.extent)
                guard (-extent..<extent).contains(index) else {
                    throw .shape("index \(index) is outside 0..<\(axis.extent), the extent of its axis")
                }
                start += Int(index < 0 ? index + extent : index) * axis.stride
            }
            starts.append(UInt32(start))
        }
        constant = starts
    }

    /// Where the slice of this number would begin, were its indices all 0.
    package func base(of slice: Int) -> Int { Self.base(of: slice, bases) }

    private static func base(of slice: Int, _ bases: [(divisor: Int, extent: Int, stride: Int)]) -> Int {
        var start = 0
        for base in bases { start += slice / base.divisor % base.extent * base.stride }
        return start
    }
}
