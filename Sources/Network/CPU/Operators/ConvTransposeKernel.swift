extension ConvTranspose: CPUOperator {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.channelsLast(arriving) }

    func kernel(_ site: KernelSite) -> any Kernel { MapBatch.wrap(ConvTransposeKernel(self), maps: input[0]) }
}

struct ConvTransposeKernel: Kernel {
    private let mirror: any Kernel
    private let bias: [Float]?
    /// Numbers in a map of the input and of the output.
    private let inCount, outCount: Int

    init(_ op: ConvTranspose) {
        mirror = ConvolutionKernel(ConvolutionWeights(op.mirror, Preparation()), Epilogue())
        bias = op.bias?.values
        (inCount, outCount) = (op.input.count / max(op.input[0], 1), op.outputShapes[0].count / max(op.input[0], 1))
    }

    /// The mirror's own and, in the gradient, its output.
    func scratch(images: Int, threads: Int) -> Int {
        (images * inCount).cacheLines + mirror.scratch(images: images, threads: threads)
    }

    func weights(images: Int, gradient: Bool) -> [PackedWeights] {
        mirror.weights(images: images, gradient: !gradient)
    }

    func forward(_ pass: ForwardPass) {
        let y = pass.output
        y.base.update(repeating: 0, count: pass.images * outCount)
        mirror.gradient(
            GradientPass(
                images: pass.images, operands: [y], outputs: [pass.input], dOutputs: [pass.input], dOperands: [y],
                rule: .plain,
                scratch: pass.scratch, threads: pass.threads))
        guard let bias else { return }
        for pixel in 0..<pass.images * outCount / bias.count {
            for c in bias.indices { y.base[pixel * bias.count + c] += bias[c] }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0] else { return }
        let own = TensorView(base: pass.scratch, shape: dx.shape, layout: dx.layout, imageStride: inCount)
        mirror.forward(
            ForwardPass(
                images: pass.images, operands: [pass.dOutput], outputs: [own],
                scratch: pass.scratch + (pass.images * inCount).cacheLines,
                threads: pass.threads))
        for i in 0..<pass.images * inCount { dx.base[i] += own.base[i] }
    }
}
