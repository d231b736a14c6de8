/// The k greatest (or least) elements along an axis, in order, and their places as whole floats; of equal ones the
/// first.
/// https://onnx.ai/onnx/operators/onnx__TopK.html
package struct TopK: Operator {
    package let outer, extent, inner, k: Int
    package let findsGreatest: Bool
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let input = try node.shape(0)
        let axis = try node.axis(of: input, default: -1)
        let stated = node.has(1) ? try node.integers(1).first : try node.int("k")
        guard let k = stated else { throw .missingOperand(1) }
        guard try input[axis] <= .mostUInt32 else { throw .shape("axis \(axis) of \(input) is too long to search") }
        guard k >= 0, try k <= input[axis] else {
            throw .shape("k = \(k) is more than axis \(axis) of \(input) holds")
        }
        self.k = k.value
        (outer, extent, inner) = try input.around(axis)
        findsGreatest = try node.flag("largest", default: true)
        let taken = try input.with(k, at: axis)
        outputShapes = [taken, taken]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { IntegerUse([0], gives: .indices(from: 1)) }
    package var spatialEffect: SpatialEffect { .scattered }
    package var numberEffect: NumberEffect { .other }
}
