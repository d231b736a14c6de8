/// A tensor repeated along axes of extent 1. https://onnx.ai/onnx/operators/onnx__Expand.html
package struct Expand: Operator {
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let input = try node.shape(0)
        var dims = try node.integers(1)
        if node.batch > 1, dims.first == Extent(node.batch), input.rank < dims.count || input.dims.first == 1 {
            dims[0] = 1
        }
        outputShapes = [try Self.shape(of: input.shape, to: dims)]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse {
        IntegerUse([]) { node throws(OperatorFault) in
            let (shape, values) = try node.wholeNumbers(0)
            let whole = try node.constant(try Self.shape(of: shape.shape, to: try node.integers(1)))
            return .integers(whole, shape.shape.spread(values, to: whole))
        }
    }

    private static func shape(of input: Shape, to dims: [Extent]) throws(OperatorFault) -> Shape {
        let target = try Shape(dims)
        guard let shape = try Shape.broadcast(input, target) else {
            throw .shape("\(input) does not expand to \(target)")
        }
        return shape
    }

    package var spatialEffect: SpatialEffect { .pointwise }
    package var numberEffect: NumberEffect { .kept }
}
