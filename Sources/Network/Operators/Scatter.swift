/// A tensor into whose indexed places updates are put, or combined with what stands there: ScatterElements (of old:
/// Scatter) and ScatterND.
/// https://onnx.ai/onnx/operators/onnx__ScatterElements.html, onnx__ScatterND.html
///
/// Of several updates of one place without a reduction the last one stays; of several equal extremes each gets its
/// share of the gradient.
package struct Scatter: Operator {
    package enum Reduction: String { case none, add, mul, max, min }

    package let slices: IndexedSlices
    package let reduction: Reduction
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let input = try node.shape(0)
        let stated = try node.string("reduction", default: "none")
        guard let reduction = Reduction(rawValue: stated) else { throw .attribute("reduction", stated) }
        self.reduction = reduction
        let indices = try node.shape(1), updates = try node.shape(2), expected: [Extent]
        if node.node.opType == "ScatterND" {
            slices = try IndexedSlices(rows: node, of: input)
            expected = Array(indices.dims.dropLast() + input.dims[slices.indexed...])
        } else {
            slices = try IndexedSlices(elements: node, of: input)
            expected = indices.dims
        }
        guard updates.dims == expected else {
            throw .shape("updates of shape \(updates) do not fit indices of shape \(indices) into \(input)")
        }
        outputShapes = [input.shape]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse {
        let reduction = try? node.string("reduction", default: "none")
        return IntegerUse([0, 2], reduction == "none" ? .moved : .computed)
    }

    package var spatialEffect: SpatialEffect { .scattered }
    package var numberEffect: NumberEffect { .other }
}
