/// Slices copied from indexed places: GatherElements and GatherND.
/// https://onnx.ai/onnx/operators/onnx__GatherElements.html, onnx__GatherND.html
package struct GatherSlices: Operator {
    package let slices: IndexedSlices
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let (input, indices) = (try node.shape(0), try node.shape(1))
        if node.node.opType == "GatherElements" {
            slices = try IndexedSlices(elements: node, of: input)
            outputShapes = [indices.shape]
        } else {
            let batch = try node.int("batch_dims", default: 0)
            slices = try IndexedSlices(rows: node, of: input, batch: batch)
            outputShapes = [try Shape(indices.dims.dropLast() + input.dims.suffix(input.rank - slices.indexed))]
        }
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { IntegerUse([0], .moved) }
    package var spatialEffect: SpatialEffect { .scattered }
    package var numberEffect: NumberEffect { .other }
}
