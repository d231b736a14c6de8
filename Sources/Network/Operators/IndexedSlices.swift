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

    /// One element an index, along an axis.
    init(elements node: NodeReader, of data: Shape) throws(OperatorFault) {
        let shape = try node.shape(1)
        let axis = try node.axis(try node.int("axis", default: 0), in: data)
        guard shape.rank == data.rank, shape.dims.indices.allSatisfy({ $0 == axis || shape[$0] <= data[$0] }) else {
            throw .shape("indices of shape \(shape) do not fit \(data)")
        }
        let (strides, own) = (data.strides, shape.strides)
        let others = shape.dims.indices.filter { $0 != axis }
        try self.init(
            node, of: data, run: 1, count: shape.count, bases: others.map { (own[$0], shape[$0], strides[$0]) },
            axes: [(data[axis], strides[axis])])
    }

    /// One slice a row of indices, which name its place along as many axes.
    init(rows node: NodeReader, of data: Shape, batch: Int = 0) throws(OperatorFault) {
        let shape = try node.shape(1)
        guard let depth = shape.dims.last, depth > 0, batch >= 0, batch < shape.rank, batch + depth <= data.rank,
            shape.dims[..<batch] == data.dims[..<batch]
        else { throw .shape("indices of shape \(shape) do not fit \(data)") }
        let perBatch = shape.dims[batch...].dropLast().reduce(1, *)
        let batchRun = data.dims[batch...].reduce(1, *)
        let strides = data.strides
        let axes = (batch..<batch + depth).map { (extent: data[$0], stride: strides[$0]) }
        try self.init(
            node, of: data, run: data.dims[(batch + depth)...].reduce(1, *),
            count: shape.dims.dropLast().reduce(1, *), bases: [(max(perBatch, 1), .max, batchRun)], axes: axes)
    }

    private init(
        _ node: NodeReader, of data: Shape, run: Int, count: Int, bases: [(divisor: Int, extent: Int, stride: Int)],
        axes: [(extent: Int, stride: Int)]
    ) throws(OperatorFault) {
        (self.run, self.count, self.bases, self.axes) = (run, count, bases, axes)
        if case .value? = node.operand(1) {
            guard axes.allSatisfy({ $0.extent > 0 }) else { throw .shape("indices into an axis of no elements") }
            constant = nil
            return
        }
        guard data.count <= UInt32.max else { throw .shape("\(data) is too large for indices that are not computed") }
        let indices = try node.wholeNumbers(1).1
        _ = try node.constant(Shape([count]))
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
    func base(of slice: Int) -> Int { Self.base(of: slice, bases) }

    private static func base(of slice: Int, _ bases: [(divisor: Int, extent: Int, stride: Int)]) -> Int {
        var start = 0
        for base in bases { start += slice / base.divisor % base.extent * base.stride }
        return start
    }
}
