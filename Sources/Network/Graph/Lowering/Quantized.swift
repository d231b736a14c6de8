import ONNX

extension Lowering {
    /// y = quantize(conv(dequantize(x), dequantize(w))). https://onnx.ai/onnx/operators/onnx__QLinearConv.html
    ///
    /// The range of y does the work of a relu, which quantisers leave out, where it begins at 0: here the relu is
    /// written again.
    static func quantizedConv(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let x = body.call("DequantizeLinear", [node.name(0), node.name(1), node.name(2)])
        let w = body.call("DequantizeLinear", [node.name(3), node.name(4), node.name(5)], ["axis": .int(0)])
        var inputs = [x, w]
        if node.has(8) {
            let scale = body.call("Mul", [node.name(1), node.name(4)])
            inputs.append(body.call("DequantizeLinear", [node.name(8), scale], ["axis": .int(0)]))
        }
        let y = body.call("Conv", inputs, node.node.attributes)
        body.finish(quantized: rectified(y, node, zero: 7, &body), scale: node.name(6), zero: node.name(7))
        return true
    }

    /// max(x, 0) of what is to be quantised, where the zero point is the type's least number.
    static func rectified(_ x: String, _ node: NodeReader, zero: Int, _ body: inout Lowering) -> String {
        guard case .integers(_, let values)? = node.operand(zero),
            let least = (node.type(zero) ?? .uint8).wholeNumbers?.lowerBound,
            values.allSatisfy({ Float($0) == least })
        else { return x }
        return body.call("Relu", [x])
    }

    /// https://onnx.ai/onnx/operators/onnx__QLinearMatMul.html
    static func quantizedMatMul(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let a = body.call("DequantizeLinear", [node.name(0), node.name(1), node.name(2)])
        let b = body.call("DequantizeLinear", [node.name(3), node.name(4), node.name(5)])
        body.finish(quantized: body.call("MatMul", [a, b]), scale: node.name(6), zero: node.name(7))
        return true
    }

    /// y = x to 8 bits with the scale and zero point that its own range asks for.
    /// https://onnx.ai/onnx/operators/onnx__DynamicQuantizeLinear.html
    static func dynamicQuantize(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let x = node.name(0)
        let (zero, most) = (body.number(0), body.number(255))
        let high = body.call("Max", [body.call("ReduceMax", [x], ["keepdims": .int(0)]), zero])
        let low = body.call("Min", [body.call("ReduceMin", [x], ["keepdims": .int(0)]), zero])
        // Of the gradient, the scale is a constant, as in PyTorch's fake quantisation.
        let scale = body.call("Detach", [body.call("Div", [body.call("Sub", [high, low]), most])])
        let start = body.call("Round", [body.call("Div", [body.call("Neg", [low]), scale])])
        let zeroPoint = body.call("Clip", [start, zero, most])
        body.finish("Identity", [scale], output: 1)
        body.finish("Identity", [zeroPoint], output: 2)
        let steps = body.call("Round", [body.call("Div", [x, scale])], ["straight_through": .int(1)])
        // The range is x's own, so the gradient passes everywhere: what rounding put one step outside is brought back
        // without it.
        let raw = body.call("Add", [steps, zeroPoint])
        let clipped = body.call("Min", [body.call("Max", [raw, zero]), most])
        body.finish("Add", [raw, body.call("Detach", [body.call("Sub", [clipped, raw])])])
        return true
    }

    /// (A - zero of A) (B - zero of B). https://onnx.ai/onnx/operators/onnx__MatMulInteger.html
    static func integerMatMul(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let a = try centred(node, 0, zero: 2, alignedWith: { $0 == 1 ? [-1, 1] : nil }, &body)
        let b = try centred(node, 1, zero: 3, alignedWith: { _ in nil }, &body)
        body.finish("MatMul", [a, b])
        return true
    }

    /// https://onnx.ai/onnx/operators/onnx__ConvInteger.html
    static func integerConv(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let x = try centred(node, 0, zero: 2, alignedWith: { _ in nil }, &body)
        let rank = try node.shape(1).rank
        let w = try centred(
            node, 1, zero: 3, alignedWith: { $0 == 1 ? [-1] + [Extent](repeating: 1, count: max(0, rank - 1)) : nil },
            &body)
        body.finish("Conv", [x, w], node.node.attributes)
        return true
    }

    /// An operand less its zero point, in float.
    ///
    /// - Parameter alignedWith: the shape in which a zero point of this rank is subtracted; nil: its own.
    private static func centred(
        _ node: NodeReader, _ index: Int, zero: Int, alignedWith shape: (Int) -> [Extent]?, _ body: inout Lowering
    ) throws(OperatorFault) -> String {
        func inFloat(_ index: Int) throws(OperatorFault) -> String {
            try node.required(index).isInteger
                ? body.call("Cast", [node.name(index)], ["to": .int(1)]) : node.name(index)
        }
        let value = try inFloat(index)
        guard node.has(zero) else { return value }
        let point = try inFloat(zero)
        return body.call("Sub", [value, shape(try node.shape(zero).rank).map { body.reshape(point, $0) } ?? point])
    }
}
