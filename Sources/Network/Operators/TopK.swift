/// The k greatest (or least) elements along an axis, in order, and their places as whole floats; of equal ones the
/// first.
/// https://onnx.ai/onnx/operators/onnx__TopK.html
package struct TopK: Operator {
    package let outer, extent, inner, k: Int
    package let findsGreatest: Bool
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        let axis = try node.axis(try node.int("axis", default: -1), in: input)
        let stated = node.has(1) ? try node.integers(1).first : try node.int("k")
        guard let k = stated else { throw .missingOperand(1) }
        guard input[axis] <= UInt32.max else { throw .shape("axis \(axis) of \(input) is too long to search") }
        guard (0...input[axis]).contains(k) else {
            throw .shape("k = \(k) is more than axis \(axis) of \(input) holds")
        }
        self.k = k
        (outer, extent, inner) = (input.dims[..<axis].reduce(1, *), input[axis], input.dims[(axis + 1)...].reduce(1, *))
        findsGreatest = try node.flag("largest", default: true)
        var dims = input.dims
        dims[axis] = k
        outputShapes = [Shape(dims), Shape(dims)]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { IntegerUse([0], gives: .indices(from: 1)) }
    package var spatialEffect: SpatialEffect { .scattered }
    package var numberEffect: NumberEffect { .other }
}
