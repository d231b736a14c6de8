import ONNX

extension Lowering {
    /// x / |x|_p along an axis; 0 where the norm is 0. https://onnx.ai/onnx/operators/onnx__LpNormalization.html
    static func lpNormalization(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let (x, p) = (node.name(0), try node.int("p", default: 2))
        guard [1, 2].contains(p) else { throw .attribute("p", "\(p)") }
        let axis = body.axes([try node.axis(of: try node.shape(0), default: -1)])
        let norm = body.call(p == 1 ? "ReduceL1" : "ReduceL2", [x, axis])
        let (zero, one) = (body.number(0), body.number(1))
        let isZero = body.call("Equal", [norm, zero])
        body.finish("Div", [x, body.call("Where", [isZero, one, norm])])
        return true
    }

    /// (x - mean) / (deviation + 1e-9) over axes. https://onnx.ai/onnx/operators/onnx__MeanVarianceNormalization.html
    static func meanVarianceNormalization(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let axes = body.integers(try node.ints("axes") ?? [0, 2, 3])
        let centred = body.call("Sub", [node.name(0), body.call("ReduceMean", [node.name(0), axes])])
        let variance = body.call("ReduceMean", [body.call("Mul", [centred, centred]), axes])
        let epsilon = body.number(1e-9)
        body.finish("Div", [centred, body.call("Add", [body.call("Sqrt", [variance]), epsilon])])
        return true
    }

    /// LayerNormalization whose mean or inverse deviation is asked for too, step by step.
    static func layerNormalizationWithStatistics(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault)
        -> Bool
    {
        guard node.node.outputs.dropFirst().contains(where: { !$0.isEmpty }) else { return false }
        let (input, x) = (try node.shape(0), node.name(0))
        let axes = body.axes(Array(try node.axis(of: input, default: -1)..<input.rank))
        let mean = body.call("ReduceMean", [x, axes])
        let centred = body.call("Sub", [x, mean])
        let variance = body.call("ReduceMean", [body.call("Mul", [centred, centred]), axes])
        let epsilon = body.number(try node.float("epsilon", default: 1e-5))
        let inverse = body.call("Reciprocal", [body.call("Sqrt", [body.call("Add", [variance, epsilon])])])
        body.finish("Identity", [mean], output: 1)
        body.finish("Identity", [inverse], output: 2)
        let scaled = body.call("Mul", [body.call("Mul", [centred, inverse]), node.name(1)])
        if node.has(2) { body.finish("Add", [scaled, node.name(2)]) } else { body.finish("Identity", [scaled]) }
        return true
    }
}
