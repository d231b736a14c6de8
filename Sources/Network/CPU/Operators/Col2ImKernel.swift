extension Col2Im: CPUOperator, Kernel {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.plain(arriving) }

    func forward(_ pass: ForwardPass) {
        pass.threads.split(pass.images * maps) { range in
            for map in range {
                let (x, y) = (pass.input.base + map * pixels.count, pass.output.base + map * area)
                y.update(repeating: 0, count: area)
                for (i, pixel) in pixels.enumerated() where pixel >= 0 { y[Int(pixel)] += x[i] }
            }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0]?.base else { return }
        pass.threads.split(pass.images * maps) { range in
            for map in range {
                let (t, d) = (dx + map * pixels.count, pass.dOutput.base + map * area)
                for (i, pixel) in pixels.enumerated() where pixel >= 0 { t[i] += d[Int(pixel)] }
            }
        }
    }
}
