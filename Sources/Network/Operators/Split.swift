/// A tensor cut into pieces along an axis. https://onnx.ai/onnx/operators/onnx__Split.html
package struct Split: Operator {
    package let pieces: AxisPieces
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let input = try node.shape(0)
        let axis = try node.axis(of: input, default: 0)
        let count = try node.int("num_outputs", default: Extent(node.outputCount))
        guard count > 0, count <= 65536 else { throw .attribute("num_outputs", "\(count)") }
        let chunk = try (input[axis] + count - 1) / count
        let equal = try (0..<count.value).map { piece throws(OperatorFault) in
            min(chunk, max(0, try input[axis] - Extent(piece) * chunk))
        }
        let extents = try node.ints("split", orOperand: 1) ?? equal
        guard extents.count == node.outputCount else {
            throw .shape("\(extents.count) pieces do not fit \(node.outputCount) outputs")
        }
        guard extents.allSatisfy({ $0 >= 0 }), try extents.sum() == input[axis] else {
            throw .shape("pieces of \(extents) do not make up axis \(axis) of \(input)")
        }
        pieces = AxisPieces(axis: axis, extents: extents.values)
        outputShapes = try extents.map { extent throws(OperatorFault) in try input.with(extent, at: axis) }
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { IntegerUse([0], .moved) }
    package var spatialEffect: SpatialEffect { .pointwise }
    package var numberEffect: NumberEffect { .moved }
}
