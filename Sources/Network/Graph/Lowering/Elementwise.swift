import ONNX

extension Lowering {
    /// Max or Min of one operand or of more than two, pair by pair.
    static func chainPairs(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let inputs = node.node.inputs
        guard let first = inputs.first, inputs.count != 2 else { return false }
        guard inputs.count > 1 else {
            body.finish("Identity", [first])
            return true
        }
        var result = first
        for next in inputs[1..<(inputs.count - 1)] { result = body.call(node.node.opType, [result, next]) }
        body.finish(node.node.opType, [result, inputs[inputs.count - 1]])
        return true
    }

    /// https://onnx.ai/onnx/operators/onnx__Mean.html
    static func mean(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let sum = body.call("Sum", node.node.inputs)
        let factor = body.number(1 / Float(max(node.node.inputs.count, 1)))
        body.finish("Mul", [sum, factor])
        return true
    }

    /// Clip whose bounds are computed: min(max(x, low), high).
    static func clipComputedBounds(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let computed = (1...2).contains { node.operand($0).map { !$0.isConstant } ?? false }
        guard computed else { return false }
        let low = node.has(1) ? body.call("Max", [node.name(0), node.name(1)]) : node.name(0)
        if node.has(2) { body.finish("Min", [low, node.name(2)]) } else { body.finish("Identity", [low]) }
        return true
    }

    /// Swish(a) * b. https://onnx.ai/onnx/operators/onnx__SwiGLU.html
    static func swiGLU(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        body.finish("Mul", [body.call("Swish", [node.name(0)], node.node.attributes), node.name(1)])
        return true
    }

    /// CastLike of what is computed at run time, to a type that the file tells.
    static func castLike(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        guard let code = node.type(1)?.code else {
            throw .shape("the type of operand 1 is not known; use Cast instead")
        }
        body.finish("Cast", [node.name(0)], ["to": .int(code)])
        return true
    }

    /// The mask of a Dropout that drops nothing: true everywhere.
    static func dropoutMask(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        guard node.outputCount > 1, !node.node.outputs[1].isEmpty else { return false }
        let (all, shape) = (body.integers([1]), body.integers(try node.shape(0).dims))
        body.finish("Dropout", node.node.inputs, node.node.attributes)
        body.finish("Cast", [body.call("Expand", [all, shape])], ["to": .int(9)], output: 1)
        return true
    }

    /// Whole numbers that are computed at run time are divided as such; else see `alignLegacyOperand`.
    static func divide(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        guard let type = node.type(0), !type.isFloat,
            node.operands.contains(where: { $0.map { !$0.isConstant } ?? false })
        else {
            return try alignLegacyOperand(node, &body)
        }
        func inFloat(_ index: Int) -> String { body.call("Cast", [node.name(index)], ["to": .int(1)]) }
        body.finish("Cast", [body.call("Div", [inFloat(0), inFloat(1)])], ["to": .int(7)])
        return true
    }

    /// Sums, differences and products of integers of at most 16 bits that are computed at run time keep their lowest
    /// bits; else see `alignLegacyOperand`.
    static func narrowArithmetic(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        guard !node.node.isWritten, node.operands.count == 2, let type = node.type(0),
            let range = type.wholeNumbers, let code = type.code,
            node.operands.contains(where: { $0.map { !$0.isConstant } ?? false })
        else { return try alignLegacyOperand(node, &body) }
        let op = node.node.opType
        guard op != "Mul" || range.upperBound <= 255 else {
            throw .shape("it multiplies integers of 16 bits at run time, which is not supported; cast them to float")
        }
        func inFloat(_ index: Int) -> String { body.call("Cast", [node.name(index)], ["to": .int(1)]) }
        body.finish("Cast", [body.call(op, [inFloat(0), inFloat(1)])], ["to": .int(code)])
        return true
    }

    /// Means, norms and logarithms of sums of integers are integers too, rounded towards 0.
    static func reduceWholeNumbers(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        guard let type = node.type(0), !type.isFloat, let code = type.code else { return false }
        let x = body.call("Cast", [node.name(0)], ["to": .int(1)])
        let y = body.call(node.node.opType, [x] + node.node.inputs.dropFirst(), node.node.attributes)
        body.finish("Cast", [y], ["to": .int(code)])
        return true
    }

    /// Before operator set 7 the second operand was aligned with the first from an axis on, not with its end.
    static func alignLegacyOperand(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        guard node.opset < 7, try node.flag("broadcast"), let stated = try node.int("axis"), node.operands.count == 2
        else { return false }
        let (first, second) = (try node.shape(0), try node.shape(1))
        let axis = try first.axis(stated)
        let after = first.rank - axis - second.rank
        guard after > 0 else { return false }
        let aligned = body.reshape(node.name(1), second.dims + [Extent](repeating: 1, count: after))
        body.finish(node.node.opType, [node.name(0), aligned])
        return true
    }

    /// Slopes that are one a channel and not yet shaped so.
    static func alignSlope(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        guard node.operands.count == 2 else { return false }
        let (input, slope) = (try node.shape(0), try node.shape(1))
        guard input.rank > 2, slope.rank == 1, try slope[0] > 1, try slope[0] == input[1],
            node.opset < 7 || slope.dims != input.dims.suffix(1)
        else { return false }
        let aligned = body.reshape(node.name(1), slope.dims + [Extent](repeating: 1, count: input.rank - 2))
        body.finish("PRelu", [node.name(0), aligned])
        return true
    }
}

extension ElementType {
    /// The number by which Cast names it; nil where this reader does not know it.
    fileprivate var code: Int64? { (Int64(1)...24).first { ElementType(code: $0) == self } }
}
