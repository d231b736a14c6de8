extension Split: CPUOperator, Kernel {
    func forward(_ pass: ForwardPass) {
        pieces.forEachRun(pass.images, pass.outputs, of: pass.input, pass.threads) { output, operand, count in
            output.update(from: operand, count: count)
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0] else { return }
        pieces.forEachRun(pass.images, pass.dOutputs, of: dx, pass.threads) { d, target, count in
            for i in 0..<count { target[i] += d[i] }
        }
    }
}
