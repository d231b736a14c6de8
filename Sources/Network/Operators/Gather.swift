/// Elements at constant indices along an axis. https://onnx.ai/onnx/operators/onnx__Gather.html
package struct Gather: Operator {
    /// Extents before, along and after the axis.
    package let outer, extent, inner: Int
    package let indices: [UInt32]
    package let axis: Int
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let input = try node.shape(0)
        axis = try node.axis(of: input, default: 0)
        (outer, extent, inner) = try input.around(axis)
        outputShapes = [try node.output(try Self.shape(node, input, axis))]
        indices = try Self.places(node, axis, of: input)
    }

    private static func shape(_ node: NodeReader, _ input: Extents, _ axis: Int) throws(OperatorFault) -> Shape {
        try Shape(input.dims[..<axis] + (try node.shape(1)).dims + input.dims[(axis + 1)...])
    }

    /// The constant indices, from the axis's beginning.
    private static func places(_ node: NodeReader, _ axis: Int, of input: Extents) throws(OperatorFault) -> [UInt32] {
        let (shape, stated) = try node.wholeNumbers(1)
        _ = try node.constant(shape.shape)
        guard try input[axis] <= .mostUInt32 else {
            throw .shape("axis \(axis) of \(input) is too long to gather from")
        }
        try node.countTable(Extent(stated.count), bytes: 4)
        let extent = try input[axis].int64, inside = -extent..<extent
        if let index = stated.first(where: { !inside.contains($0) }) {
            throw .shape("index \(index) is outside axis \(axis) of \(input)")
        }
        return stated.map { UInt32($0 < 0 ? $0 &+ extent : $0) }
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { IntegerUse([0], fold: fold) }
    package var spatialEffect: SpatialEffect {
        // More places than these are no axis of a map.
        indices.count <= 1 << 20 ? .gather(outer: outer, extent: extent, indices: indices.map(Int.init)) : .scattered
    }
    package var numberEffect: NumberEffect { .moved }

    private static let fold: IntegerUse.Fold = { node throws(OperatorFault) in
        let (input, values) = try node.wholeNumbers(0)
        let axis = try node.axis(of: input, default: 0)
        let output = try node.constant(try shape(node, input, axis)), places = try places(node, axis, of: input)
        let (outer, extent, inner) = try input.around(axis)
        var picked: [Int64] = []
        picked.reserveCapacity(output.count)
        for o in 0..<outer {
            for place in places {
                let start = (o * extent + Int(place)) * inner
                picked += values[start..<start + inner]
            }
        }
        return .integers(output, picked)
    }
}
