/// Running sums along an axis. https://onnx.ai/onnx/operators/onnx__CumSum.html
package struct CumSum: Operator {
    /// Extents before, along and after the axis.
    package let outer, extent, inner: Int
    /// Whether an element's own sum leaves it out.
    package let isExclusive: Bool
    package let isReversed: Bool
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let input = try node.shape(0)
        guard let stated = try node.integers(1).first else { throw .missingOperand(1) }
        let axis = try input.axis(stated)
        (outer, extent, inner) = try input.around(axis)
        (isExclusive, isReversed) = (try node.flag("exclusive"), try node.flag("reverse"))
        outputShapes = [input.shape]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { IntegerUse([0], .accumulated) }
    package var spatialEffect: SpatialEffect { .pointwise }
    package var numberEffect: NumberEffect { .other }
}
