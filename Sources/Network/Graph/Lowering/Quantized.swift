import ONNX

extension Lowering {
    /// y = quantize(conv(dequantize(x), dequantize(w))). https://onnx.ai/onnx/operators/onnx__QLinearConv.html
    static func quantizedConv(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let x = body.call("DequantizeLinear", [node.name(0), node.name(1), node.name(2)])
        let w = body.call("DequantizeLinear", [node.name(3), node.name(4), node.name(5)], ["axis": .int(0)])
        var inputs = [x, w]
        if node.has(8) {
            let scale = body.call("Mul", [node.name(1), node.name(4)])
            inputs.append(body.call("DequantizeLinear", [node.name(8), scale], ["axis": .int(0)]))
        }
        let y = body.call("Conv", inputs, node.node.attributes)
        body.finish("QuantizeLinear", [y, node.name(6), node.name(7)])
        return true
    }

    /// https://onnx.ai/onnx/operators/onnx__QLinearMatMul.html
    static func quantizedMatMul(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let a = body.call("DequantizeLinear", [node.name(0), node.name(1), node.name(2)])
        let b = body.call("DequantizeLinear", [node.name(3), node.name(4), node.name(5)])
        body.finish("QuantizeLinear", [body.call("MatMul", [a, b]), node.name(6), node.name(7)])
        return true
    }
}
