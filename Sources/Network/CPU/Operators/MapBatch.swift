/// Runs a kernel that is made for maps [1, C, H, W] on tensors [N, C, H, W]: every map counts as an image.
struct MapBatch: Kernel {
    let kernel: any Kernel
    let maps: Int

    static func wrap(_ kernel: any Kernel, maps: Int) -> any Kernel {
        maps == 1 ? kernel : MapBatch(kernel: kernel, maps: maps)
    }

    var gradientReads: GradientReads { kernel.gradientReads }
    func scratch(images: Int, threads: Int) -> Int { kernel.scratch(images: images * maps, threads: threads) }
    func weights(images: Int, gradient: Bool) -> [PackedWeights] {
        kernel.weights(images: images * maps, gradient: gradient)
    }
    func algorithmName(images: Int) -> String { kernel.algorithmName(images: images * maps) }
    func operations(images: Int) -> Double { kernel.operations(images: images * maps) }

    private func perMap(_ view: TensorView) -> TensorView {
        guard view.shape.rank == 4, view.shape[0] == maps else { return view }
        return TensorView(
            base: view.base, shape: view.shape.single(along: 0..<1), layout: view.layout,
            imageStride: view.imageStride / max(maps, 1))
    }

    func forward(_ pass: ForwardPass) {
        kernel.forward(
            ForwardPass(
                images: pass.images * maps, operands: pass.operands.map(perMap), outputs: pass.outputs.map(perMap),
                scratch: pass.scratch, threads: pass.threads))
    }

    func gradient(_ pass: GradientPass) {
        kernel.gradient(
            GradientPass(
                images: pass.images * maps, operands: pass.operands.map(perMap), outputs: pass.outputs.map(perMap),
                dOutputs: pass.dOutputs.map(perMap), dOperands: pass.dOperands.map { $0.map(perMap) }, rule: pass.rule,
                scratch: pass.scratch, threads: pass.threads))
    }
}
