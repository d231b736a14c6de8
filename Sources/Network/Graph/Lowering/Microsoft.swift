import ONNX

/// Operators that ONNX Runtime's optimiser and quantiser write, of the domain com.microsoft.
/// https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
extension Lowering {
    static let microsoft: [String: Rule] = [
        "Attention": Lowering.fusedAttention,
        "BiasGelu": Lowering.biasGelu,
        "DequantizeLinear": Lowering.sameOperator,
        "FastGelu": Lowering.biasGelu,
        "FusedConv": Lowering.fusedConv,
        "FusedGemm": Lowering.fusedGemm,
        "FusedMatMul": Lowering.fusedMatMul,
        "Gelu": Lowering.sameOperator,
        "MatMulNBits": Lowering.fewBitsProduct,
        "MultiHeadAttention": Lowering.multiHeadAttention,
        "QGemm": Lowering.quantizedGemm,
        "QLinearAdd": Lowering.quantizedPair,
        "QLinearAveragePool": Lowering.quantizedUnary,
        "QLinearConcat": Lowering.quantizedConcat,
        "QLinearGlobalAveragePool": Lowering.quantizedUnary,
        "QLinearLeakyRelu": Lowering.quantizedUnary,
        "QLinearMul": Lowering.quantizedPair,
        "QLinearSigmoid": Lowering.quantizedUnary,
        "QLinearSoftmax": Lowering.quantizedSoftmax,
        "QuantizeLinear": Lowering.sameOperator,
        "QuickGelu": Lowering.quickGelu,
        "SkipLayerNormalization": Lowering.skipLayerNormalization,
    ]

    private static func sameOperator(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        body.finish(node.node.opType, node.node.inputs, node.node.attributes)
        return true
    }

    /// Gelu of x + bias; FastGelu is its approximation by tanh.
    private static func biasGelu(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let x = node.has(1) ? body.call("Add", [node.name(0), node.name(1)]) : node.name(0)
        body.finish("Gelu", [x], ["approximate": .string(node.node.opType == "FastGelu" ? "tanh" : "none")])
        return true
    }

    private static func quickGelu(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        body.finish("Swish", [node.name(0)], ["alpha": .float(try node.float("alpha", default: 1.702))])
        return true
    }

    /// activation(conv(x, w) + b + z).
    private static func fusedConv(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let name = try node.string("activation", default: "")
        var parameters: [Float] = []
        if case .floats(let values)? = node.node.attributes["activation_params"] { parameters = values }
        var y = body.call("Conv", Array(node.node.inputs.prefix(3)), node.node.attributes)
        if node.has(3) { y = body.call("Add", [y, node.name(3)]) }
        try activate(y, name, parameters, &body)
        return true
    }

    private static func fusedGemm(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let name = try node.string("activation", default: "")
        let parameters = [
            try node.float("activation_alpha", default: 0.01), try node.float("activation_beta", default: 0),
        ]
        try activate(body.call("Gemm", node.node.inputs, node.node.attributes), name, parameters, &body)
        return true
    }

    private static func activate(_ x: String, _ name: String, _ parameters: [Float], _ body: inout Lowering)
        throws(OperatorFault)
    {
        let first = parameters.first ?? 0, second = parameters.count > 1 ? parameters[1] : 0
        switch name {
        case "": body.finish("Identity", [x])
        case "Relu", "Sigmoid", "Tanh": body.finish(name, [x])
        case "LeakyRelu": body.finish(name, [x], ["alpha": .float(first)])
        case "HardSigmoid": body.finish(name, [x], ["alpha": .float(first), "beta": .float(second)])
        case "Clip":
            let low = body.number(first), high = body.number(second)
            body.finish(name, [x, low, high])
        default: throw .attribute("activation", name)
        }
    }

    /// alpha * op(A) op(B), the last two axes of each transposed or not.
    private static func fusedMatMul(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        for name in ["transBatchA", "transBatchB"] where try node.flag(name) { throw .attribute(name, "1") }
        func operand(_ index: Int, _ flag: String) throws(OperatorFault) -> String {
            let rank = try node.shape(index).rank
            guard try node.flag(flag), rank > 1 else { return node.name(index) }
            return body.transpose(node.name(index), Array(0..<rank - 2) + [rank - 1, rank - 2])
        }
        let factor = body.number(try node.float("alpha", default: 1))
        let product = body.call("MatMul", [try operand(0, "transA"), try operand(1, "transB")])
        body.finish("Mul", [product, factor])
        return true
    }

    /// Layer normalisation of input + skip (+ bias); the sum is an output too.
    private static func skipLayerNormalization(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool
    {
        var sum = body.call("Add", [node.name(0), node.name(1)])
        if node.has(4) { sum = body.call("Add", [sum, node.name(4)]) }
        body.finish("Identity", [sum], output: 3)
        let inputs = [sum, node.name(2)] + (node.has(3) ? [node.name(3)] : [])
        body.finish(
            "LayerNormalization", inputs,
            ["axis": .int(-1), "epsilon": .float(try node.float("epsilon", default: 1e-12))])
        return true
    }

    // MARK: Quantised

    private static func dequantized(_ node: NodeReader, _ first: Int, _ body: inout Lowering) -> String {
        body.call("DequantizeLinear", [node.name(first), node.name(first + 1), node.name(first + 2)])
    }

    /// QLinearAdd and QLinearMul: (a, scale, zero, b, scale, zero, scale, zero of the result).
    private static func quantizedPair(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let (a, b) = (dequantized(node, 0, &body), dequantized(node, 3, &body))
        let isSum = node.node.opType == "QLinearAdd"
        let y = body.call(isSum ? "Add" : "Mul", [a, b])
        body.finish(quantized: isSum ? rectified(y, node, zero: 7, &body) : y, scale: node.name(6), zero: node.name(7))
        return true
    }

    /// (x, scale, zero, scale, zero of the result), with the attributes of the operator in float.
    private static func quantizedUnary(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        if try node.flag("channels_last") { throw .attribute("channels_last", "1") }
        var attributes = node.node.attributes
        attributes["channels_last"] = nil
        let y = body.call(
            String(node.node.opType.dropFirst("QLinear".count)), [dequantized(node, 0, &body)], attributes)
        body.finish(quantized: y, scale: node.name(3), zero: node.name(4))
        return true
    }

    /// As `quantizedUnary`; before operator set 13, which an attribute tells, Softmax runs over all axes from `axis` on.
    private static func quantizedSoftmax(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let input = try node.shape(0), isLegacy = try node.int("opset", default: 13) < 13
        let axis = try input.axis(try node.int("axis", default: isLegacy ? 1 : -1))
        let x = dequantized(node, 0, &body)
        let y: String
        if isLegacy {
            let rows = body.reshape(x, [try input.dims[..<axis].product(), try input.dims[axis...].product()])
            y = body.reshape(body.call("Softmax", [rows], ["axis": .int(1)]), input.dims)
        } else {
            y = body.call("Softmax", [x], ["axis": .int(Int64(axis))])
        }
        body.finish(quantized: y, scale: node.name(3), zero: node.name(4))
        return true
    }

    /// (scale, zero of the result, then x, scale, zero of every part).
    private static func quantizedConcat(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        guard node.operands.count % 3 == 2 else { throw .missingOperand(node.operands.count) }
        let parts = stride(from: 2, to: node.operands.count, by: 3).map { dequantized(node, $0, &body) }
        body.finish(
            quantized: body.call("Concat", parts, node.node.attributes), scale: node.name(0), zero: node.name(1))
        return true
    }

    /// (a, scale, zero, b, scale, zero, int32 c, scale, zero of the result, without which the result is float): alpha a b
    /// + c, where the scale of c is alpha times those of a and b.
    private static func quantizedGemm(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let transposed = try node.flag("transB")
        let a = dequantized(node, 0, &body)
        let b = body.call(
            "DequantizeLinear", [node.name(3), node.name(4), node.name(5)], ["axis": .int(transposed ? 0 : 1)])
        var inputs = [a, b]
        if node.has(6) {
            let alpha = body.number(try node.float("alpha", default: 1))
            let scale = body.call("Mul", [body.call("Mul", [node.name(1), node.name(4)]), alpha])
            inputs.append(
                body.call("DequantizeLinear", [node.name(6), scale], ["axis": .int(Int64(try node.shape(6).rank) - 1)]))
        }
        let product = body.call("Gemm", inputs, node.node.attributes)
        if node.has(7) {
            body.finish(quantized: product, scale: node.name(7), zero: node.name(8))
        } else {
            body.finish("Identity", [product])
        }
        return true
    }
}
