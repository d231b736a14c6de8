import Platform

/// Softmax and LogSoftmax along an axis; before opset 13 along everything behind the axis.
/// https://onnx.ai/onnx/operators/onnx__Softmax.html
struct Softmax: Operator, Kernel {
    let isLog: Bool
    /// Extents before, along and behind what is normalised.
    let outer, extent, inner: Int
    let outputShapes: [Shape]
    let gradientReads: GradientReads = .outputs

    init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        isLog = node.node.opType == "LogSoftmax"
        let axis = try node.axis(try node.int("axis", default: node.opset < 13 ? 1 : -1), in: input)
        outer = input.dims[..<axis].reduce(1, *)
        extent = node.opset < 13 ? input.dims[axis...].reduce(1, *) : input[axis]
        inner = node.opset < 13 ? 1 : input.dims[(axis + 1)...].reduce(1, *)
        outputShapes = [input]
    }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.plain(arriving) }

    private func forEachLine(_ images: Int, _ threads: Threads, _ body: (Int) -> Void) {
        threads.split(images * outer * inner, grain: max(1, 2048 / max(extent, 1))) { lines in
            for line in lines { body(line / inner * extent * inner + line % inner) }
        }
    }

    func forward(_ pass: ForwardPass) {
        let (n, s) = (extent, inner)
        forEachLine(pass.images, pass.threads) { start in
            let (x, y) = (pass.input.base + start, pass.output.base + start)
            var peak = -Float.infinity
            for i in 0..<n { peak = max(peak, x[i * s]) }
            var sum: Float = 0
            for i in 0..<n {
                y[i * s] = expf(x[i * s] - peak)
                sum += y[i * s]
            }
            if isLog {
                let log = logf(sum)
                for i in 0..<n { y[i * s] = x[i * s] - peak - log }
            } else {
                for i in 0..<n { y[i * s] /= sum }
            }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0]?.base else { return }
        let (n, s) = (extent, inner)
        forEachLine(pass.images, pass.threads) { start in
            let (y, d, t) = (pass.outputs[0].base + start, pass.dOutput.base + start, dx + start)
            var sum: Float = 0
            for i in 0..<n { sum += isLog ? d[i * s] : d[i * s] * y[i * s] }
            for i in 0..<n { t[i * s] += isLog ? d[i * s] - expf(y[i * s]) * sum : y[i * s] * (d[i * s] - sum) }
        }
    }
}
