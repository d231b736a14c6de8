/// A matrix's upper or lower triangle, 0 elsewhere. https://onnx.ai/onnx/operators/onnx__Trilu.html
package struct Trilu: Operator {
    package let upper: Bool
    /// How far the triangle's edge lies above the main diagonal.
    package let diagonal: Int
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let input = try node.shape(0)
        guard input.rank >= 2 else { throw .shape("\(input) is not a matrix") }
        upper = try node.flag("upper", default: true)
        // Beyond the corners nothing changes.
        let stated = node.has(1) ? try node.integers(1).first ?? 0 : 0, corner = input.dims[input.rank - 2]
        diagonal = min(max(stated, try -corner), input.dims[input.rank - 1]).value
        outputShapes = [input.shape]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { IntegerUse([0], .moved) }
    package var spatialEffect: SpatialEffect { .pointwise }
    package var numberEffect: NumberEffect { .other }
}
