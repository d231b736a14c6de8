/// A tensor cut into pieces along an axis. https://onnx.ai/onnx/operators/onnx__Split.html
package struct Split: Operator {
    package let pieces: AxisPieces
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        let axis = try node.axis(try node.int("axis", default: 0), in: input)
        let count = try node.int("num_outputs", default: node.outputCount)
        guard count > 0, count <= 1 << 16 else { throw .attribute("num_outputs", "\(count)") }
        let chunk = (input[axis] + count - 1) / count
        let equal = (0..<count).map { min(chunk, max(0, input[axis] - $0 * chunk)) }
        let extents = try node.ints("split", orOperand: 1) ?? equal
        guard extents.reduce(0, +) == input[axis], extents.allSatisfy({ $0 >= 0 }) else {
            throw .shape("pieces of \(extents) do not make up axis \(axis) of \(input)")
        }
        pieces = AxisPieces(axis: axis, extents: extents)
        outputShapes = extents.map { extent in
            var dims = input.dims
            dims[axis] = extent
            return Shape(dims)
        }
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { IntegerUse([0], .moved) }
    package var spatialEffect: SpatialEffect { .pointwise }
    package var numberEffect: NumberEffect { .moved }
}
