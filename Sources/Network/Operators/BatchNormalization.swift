/// (x - mean) / sqrt(variance + epsilon) * gain + bias with the running statistics: per channel scale * x + shift.
/// https://onnx.ai/onnx/operators/onnx__BatchNormalization.html
struct BatchNormalization: EpilogueFusible {
    let scale, shift: [Float]
    let outputShapes: [Shape]

    init(_ node: NodeReader) throws(OperatorFault) {
        let shape = try node.shape(0)
        guard shape.rank >= 2, shape.count > 0 else { throw .shape("\(shape) has no channels to normalise") }
        if try node.flag("training_mode") { throw .shape(trainingAdvice) }
        var parts: [FloatStorage] = []
        for index in 1...4 {
            parts.append(try node.floats(index).storage)
            guard parts[index - 1].count == shape[1] else { throw .shape("operand \(index) does not fit \(shape[1]) channels") }
        }
        let epsilon = Double(try node.float("epsilon", default: 1e-5))
        let factors = (0..<shape[1]).map { Double(parts[0][$0]) / (Double(parts[3][$0]) + epsilon).squareRoot() }
        scale = factors.map { Float($0) }
        shift = (0..<shape[1]).map { Float(Double(parts[1][$0]) - factors[$0] * Double(parts[2][$0])) }
        outputShapes = [shape]
    }

    func kernel(_ site: KernelSite) -> any Kernel {
        ChannelwiseKernel(channels: scale.count, epilogue: Epilogue(scale: scale, shift: shift, activation: site.epilogue.activation))
    }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        outputShapes[0].rank == 2 ? LayoutRule.plain(arriving) : LayoutRule.channelsLast(arriving)
    }
}

/// An epilogue on its own: y = activation(scale * x + shift), channels innermost.
struct ChannelwiseKernel: Kernel {
    let channels: Int
    let epilogue: Epilogue
    var gradientReads: GradientReads { epilogue.gradientReads }

    func forward(_ pass: ForwardPass) {
        let (x, y) = (pass.input.base, pass.output.base)
        pass.threads.split(pass.images * pass.output.shape.count / channels, grain: max(1, 8192 / channels)) { rows in
            let offset = rows.lowerBound * channels
            epilogue.apply(
                y + offset, from: (UnsafePointer(x + offset), channels), rows: rows.count, stride: channels, columns: 0..<channels, residual: nil)
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0]?.base else { return }
        let (d, y) = (pass.dOutput.base, pass.outputs[0].base)
        pass.threads.split(pass.images * pass.dOutput.shape.count / channels, grain: max(1, 8192 / channels)) { rows in
            let offset = rows.lowerBound * channels
            epilogue.gradient(d + offset, y: y + offset, rows: rows.count, channels: channels, dResidual: nil, rule: pass.rule)
            for i in offset..<rows.upperBound * channels { dx[i] += d[i] }
        }
    }
}
