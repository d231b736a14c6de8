extension Operator {
    /// Its outputs, row-major, for one image; the operands are all constants.
    ///
    /// - Parameter purpose: what memory for it is for.
    /// - Throws: `.noKernel`, `.memory`.
    func evaluated(
        _ operands: [Graph.Source?], within limit: MemoryLimit = .standard,
        for purpose: Wording = "computing with constants"
    ) throws(OperatorFault) -> [FloatStorage] {
        guard let op = onCPU else { throw .noKernel(device: "CPU") }
        do throws(MemoryShortage) {
            return try op.run(op.kernel(KernelSite()), operands, within: limit, for: purpose)
        } catch {
            throw .memory(error)
        }
    }
}

extension CPUOperator {
    fileprivate func run(
        _ kernel: any Kernel, _ operands: [Graph.Source?], within limit: MemoryLimit, for purpose: Wording
    ) throws(MemoryShortage) -> [FloatStorage] {
        let wanted = layouts(operands.map { _ in nil })
        let (weights, scratchFloats) = (
            kernel.weights(images: 1, gradient: false), kernel.scratch(images: 1, threads: 1)
        )
        var floats = weights.missing.floats + scratchFloats
        for case (.constant(let shape, let storage)?, let layout) in zip(operands, wanted.operands)
        where OwnedTensor.copies(storage, shape, layout) {
            floats += shape.count
        }
        for (shape, layout) in zip(outputShapes, wanted.outputs) {
            floats += shape.count * (OwnedTensor.copies(shape, layout) ? 2 : 1)
        }
        try Memory.check(floats, within: limit, for: purpose)

        // Constants of rank 4 that a map operator wants channels-last are laid out so first; views read them in place.
        var inputs: [OwnedTensor] = [], outputs: [OwnedTensor] = []
        for (source, layout) in zip(operands, wanted.operands) {
            if case .constant(let shape, let storage)? = source {
                inputs.append(try OwnedTensor(copying: storage, shape: shape, layout: layout))
            } else {
                inputs.append(try OwnedTensor(shape: .vector(0), layout: .plain))
            }
        }
        for (shape, layout) in zip(outputShapes, wanted.outputs) {
            outputs.append(try OwnedTensor(shape: shape, layout: layout))
        }
        for weights in weights { try weights.prepare(within: limit) }
        let scratch = try Memory.allocate(scratchFloats, for: purpose)
        defer { Memory.release(scratch, scratchFloats) }
        withExtendedLifetime((inputs, outputs)) {
            let pass = ForwardPass(
                images: 1, operands: inputs.map(\.view), outputs: outputs.map(\.view), scratch: scratch,
                threads: Threads(count: 1))
            OpenBLAS.onOneThread { kernel.forward(pass) }
        }
        var numbers: [FloatStorage] = []
        for output in outputs { numbers.append(try output.plain()) }
        return numbers
    }
}
