/// Elements at constant indices along an axis. https://onnx.ai/onnx/operators/onnx__Gather.html
package struct Gather: Operator {
    /// Extents before, along and after the axis.
    package let outer, extent, inner: Int
    package let indices: [UInt32]
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        let axis = try node.axis(try node.int("axis", default: 0), in: input)
        let extent = input[axis]
        let (shape, stated) = try node.wholeNumbers(1)
        _ = try node.constant(shape)
        guard extent <= UInt32.max else { throw .shape("axis \(axis) of \(input) is too long to gather from") }
        let inside = Int64(-extent)..<Int64(extent)
        if let index = stated.first(where: { !inside.contains($0) }) {
            throw .shape("index \(index) is outside axis \(axis) of \(input)")
        }
        indices = stated.map { UInt32($0 < 0 ? $0 + Int64(extent) : $0) }
        (outer, inner) = (input.dims[..<axis].reduce(1, *), input.dims[(axis + 1)...].reduce(1, *))
        self.extent = extent
        outputShapes = [Shape(Array(input.dims[..<axis]) + (try node.shape(1)).dims + Array(input.dims[(axis + 1)...]))]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { IntegerUse([0], fold: fold) }
    package var spatialEffect: SpatialEffect {
        // More places than these are no axis of a map.
        indices.count <= 1 << 20 ? .gather(outer: outer, extent: extent, indices: indices.map(Int.init)) : .scattered
    }
    package var numberEffect: NumberEffect { .moved }

    private static let fold: IntegerUse.Fold = { node throws(OperatorFault) in
        let ((shape, values), (indexShape, indices)) = (try node.wholeNumbers(0), try node.wholeNumbers(1))
        let axis = try node.axis(try node.int("axis", default: 0), in: shape)
        let (before, extent, after) = (shape.dims[..<axis], shape[axis], shape.dims[(axis + 1)...])
        let inner = after.reduce(1, *)
        let result = try node.constant(Shape(before + indexShape.dims + after))
        var picked: [Int64] = []
        picked.reserveCapacity(result.count)
        for o in 0..<before.reduce(1, *) {
            for index in indices {
                let at = Int(clamping: index < 0 ? index + Int64(extent) : index)
                guard (0..<extent).contains(at) else {
                    throw .shape("index \(index) is outside axis \(axis) of \(shape)")
                }
                picked += values[(o * extent + at) * inner..<(o * extent + at + 1) * inner]
            }
        }
        return .integers(result, picked)
    }
}
