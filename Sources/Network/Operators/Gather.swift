/// Elements at constant indices along an axis. https://onnx.ai/onnx/operators/onnx__Gather.html
package struct Gather: Operator {
    /// Extents before, along and after the axis.
    package let outer, extent, inner: Int
    package let indices: [Int]
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let input = try node.shape(0)
        let axis = try node.axis(of: input, default: 0)
        (outer, extent, inner) = try input.around(axis)
        outputShapes = [try node.output(try Self.shape(node, input, axis))]
        indices = try Self.places(node, axis, of: input)
    }

    private static func shape(_ node: NodeReader, _ input: Extents, _ axis: Int) throws(OperatorFault) -> Shape {
        try Shape(input.dims[..<axis] + (try node.shape(1)).dims + input.dims[(axis + 1)...])
    }

    /// The constant indices, from the axis's beginning.
    private static func places(_ node: NodeReader, _ axis: Int, of input: Extents) throws(OperatorFault) -> [Int] {
        let extent = input.shape[axis]
        return try node.wholeNumbers(1).values.map { index throws(OperatorFault) in
            let place = Int(clamping: index < 0 ? index &+ Int64(extent) : index)
            guard (0..<extent).contains(place) else {
                throw .shape("index \(index) is outside axis \(axis) of \(input)")
            }
            return place
        }
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { IntegerUse([0], fold: fold) }
    package var spatialEffect: SpatialEffect { .gather(outer: outer, extent: extent, indices: indices) }
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
                let start = (o * extent + place) * inner
                picked += values[start..<start + inner]
            }
        }
        return .integers(output, picked)
    }
}
