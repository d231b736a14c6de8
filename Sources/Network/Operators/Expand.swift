/// A tensor repeated along axes of extent 1. https://onnx.ai/onnx/operators/onnx__Expand.html
package struct Expand: Operator {
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        var dims = try node.integers(1)
        if node.batch > 1, dims.first == node.batch, input.rank < dims.count || input[0] == 1 { dims[0] = 1 }
        let asked = try Fold.checked(Shape(dims))
        guard let shape = Shape.broadcast(input, asked) else { throw .shape("\(input) does not expand to \(asked)") }
        outputShapes = [shape]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse {
        IntegerUse([]) { node throws(OperatorFault) in
            let (shape, values) = try node.wholeNumbers(0)
            let target = try Fold.checked(Shape(try node.integers(1)))
            guard let whole = Shape.broadcast(shape, target) else {
                throw .shape("\(shape) does not expand to \(target)")
            }
            return .integers(try node.constant(whole), shape.spread(values, to: whole))
        }
    }

    package var spatialEffect: SpatialEffect { .pointwise }
    package var numberEffect: NumberEffect { .kept }
}
