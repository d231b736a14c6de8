/// Axes in another order. https://onnx.ai/onnx/operators/onnx__Transpose.html
package struct Transpose: Operator {
    package let permutation: [Int]
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let input = try node.shape(0)
        permutation = try node.ints("perm")?.values ?? input.axes.reversed()
        guard permutation.sorted() == Array(input.axes) else {
            throw .shape("perm \(permutation) does not fit \(input)")
        }
        outputShapes = [try Shape(permutation.map { input.dims[$0] })]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { IntegerUse([0], .moved) }
    package var spatialEffect: SpatialEffect { .permutation(permutation) }
    package var numberEffect: NumberEffect { .kept }
}
