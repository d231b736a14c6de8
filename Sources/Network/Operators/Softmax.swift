/// Softmax and LogSoftmax along an axis; before opset 13 along everything after the axis.
/// https://onnx.ai/onnx/operators/onnx__Softmax.html
package struct Softmax: Operator {
    package let isLog: Bool
    /// Extents before, along and after what is normalised.
    package let outer, extent, inner: Int
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let input = try node.shape(0)
        isLog = node.node.opType == "LogSoftmax"
        let axis = try node.axis(of: input, default: node.opset < 13 ? 1 : -1)
        let (outer, own, inner) = try input.around(axis)
        self.outer = outer
        extent = node.opset < 13 ? try input.dims[axis...].product().value : own
        self.inner = node.opset < 13 ? 1 : inner
        outputShapes = [input.shape]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { .none }
    package var spatialEffect: SpatialEffect { .pointwise }
    package var numberEffect: NumberEffect { .other }
}
