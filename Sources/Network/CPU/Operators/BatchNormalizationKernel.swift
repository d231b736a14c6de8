extension BatchNormalization: EpilogueFusible {
    func kernel(_ site: KernelSite) -> any Kernel {
        ChannelwiseKernel(
            channels: scale.count, epilogue: Epilogue(scale: scale, shift: shift, function: site.epilogue.function))
    }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        outputShapes[0].rank == 2 ? LayoutRule.plain(arriving) : LayoutRule.channelsLast(arriving)
    }
}

/// An epilogue on its own: y = function(scale * x + shift), channels innermost.
struct ChannelwiseKernel: Kernel {
    let channels: Int
    let epilogue: Epilogue
    var gradientReads: GradientReads { epilogue.gradientReads }

    func forward(_ pass: ForwardPass) {
        let (x, y) = (pass.input.base, pass.output.base)
        pass.threads.split(pass.images * pass.output.shape.count / channels, grain: max(1, 8192 / channels)) { rows in
            let offset = rows.lowerBound * channels
            epilogue.apply(
                y + offset, from: (UnsafePointer(x + offset), channels), rows: rows.count, stride: channels,
                columns: 0..<channels, residual: nil)
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0]?.base else { return }
        let (d, y) = (pass.dOutput.base, pass.outputs[0].base)
        pass.threads.split(pass.images * pass.dOutput.shape.count / channels, grain: max(1, 8192 / channels)) { rows in
            let offset = rows.lowerBound * channels
            epilogue.gradient(
                d + offset, y: y + offset, rows: rows.count, channels: channels, dResidual: nil, rule: pass.rule)
            for i in offset..<rows.upperBound * channels { dx[i] += d[i] }
        }
    }
}
