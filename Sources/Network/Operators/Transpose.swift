/// Axes in another order. https://onnx.ai/onnx/operators/onnx__Transpose.html
package struct Transpose: Operator {
    package let permutation: [Int]
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        let stated = try node.ints("perm") ?? Array((0..<input.rank).reversed())
        guard stated.sorted() == Array(0..<input.rank) else { throw .shape("perm \(stated) does not fit \(input)") }
        permutation = stated
        outputShapes = [Shape(stated.map { input[$0] })]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { IntegerUse([0], .moved) }
    package var spatialEffect: SpatialEffect { .permutation(permutation) }
    package var numberEffect: NumberEffect { .kept }
}
