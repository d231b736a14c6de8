extension Operator {
    /// Its outputs, row-major, for one image; the operands are all constants.
    ///
    /// - Throws: `.noKernel`, `.memory`.
    func evaluated(
        _ operands: [Graph.Source?], within limit: MemoryLimit = .standard
    ) throws(OperatorFault) -> [FloatStorage] {
        guard let op = onCPU else { throw .noKernel(device: "CPU") }
        let kernel = op.kernel(KernelSite())
        let scratchCount = kernel.scratch(images: 1, threads: 1)
        do throws(MemoryShortage) {
            // Every tensor is there twice: as the kernel has it, and row-major.
            let tensors = outputShapes.reduce(0) { $0 + $1.count }
            try Memory.check(2 * tensors + scratchCount, within: limit, for: "computing with constants")
        } catch {
            throw .memory(error)
        }
        let wanted = op.layouts(operands.map { _ in nil })
        // Constants of rank 4 that a map operator wants channels-last are laid out so first; views read them in place.
        let owned = zip(operands, wanted.operands).map { source, layout -> OwnedTensor in
            guard case .constant(let shape, let storage)? = source else {
                return OwnedTensor(shape: .vector(0), layout: .plain)
            }
            return OwnedTensor(copying: storage, shape: shape, layout: layout)
        }
        let outputs = zip(outputShapes, wanted.outputs).map { OwnedTensor(shape: $0, layout: $1) }
        let scratch = OwnedTensor(shape: .vector(scratchCount), layout: .plain)
        return withExtendedLifetime((owned, outputs, scratch)) {
            let pass = ForwardPass(
                images: 1, operands: owned.map(\.view), outputs: outputs.map(\.view), scratch: scratch.view.base,
                threads: Threads(count: 1))
            OpenBLAS.onOneThread { kernel.forward(pass) }
            return outputs.map { $0.plainCopy() }
        }
    }
}
