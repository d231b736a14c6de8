/// The index of the greatest (ArgMin: the least) element along an axis, as a float; no gradient passes.
/// https://onnx.ai/onnx/operators/onnx__ArgMax.html
package struct ArgMax: Operator {
    package let outer, extent, inner: Int
    package let findsLeast: Bool
    /// Whether the last of several equal ones counts.
    package let takesLast: Bool
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let input = try node.shape(0)
        let axis = try node.axis(of: input, default: 0)
        let keepsDims = try node.flag("keepdims", default: true)
        (outer, extent, inner) = try input.around(axis)
        findsLeast = node.node.opType == "ArgMin"
        takesLast = try node.flag("select_last_index")
        outputShapes = [try Shape(input.dims[..<axis] + (keepsDims ? [1] : []) + input.dims[(axis + 1)...])]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { IntegerUse([0], gives: .indices(from: 0)) }
    package var spatialEffect: SpatialEffect { .pointwise }
    package var numberEffect: NumberEffect { .decided }
}
