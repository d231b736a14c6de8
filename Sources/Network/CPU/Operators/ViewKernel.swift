extension View: CPUOperator, Kernel {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        let layout = keepsShape ? arriving.first.flatMap { $0 } ?? .plain : .plain
        return (arriving.enumerated().map { $0.offset == 0 ? layout : .plain }, [layout])
    }

    func forward(_ pass: ForwardPass) {
        for image in 0..<pass.images {
            pass.output.image(image).update(from: pass.input.image(image), count: pass.output.shape.count)
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0]?.base else { return }
        for i in 0..<pass.images * pass.dOutput.shape.count { dx[i] += pass.dOutput.base[i] }
    }
}
