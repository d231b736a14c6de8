extension GatherSlices: CPUOperator, Kernel {
    var gradientReads: GradientReads { .operands }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.plain(arriving) }

    func forward(_ pass: ForwardPass) {
        for image in 0..<pass.images {
            let (x, y) = (pass.input.image(image), pass.output.image(image))
            for slice in 0..<slices.count {
                let start = slices.start(slice, pass.operands, image: image)
                (y + slice * slices.run).update(from: x + start, count: slices.run)
            }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0] else { return }
        for image in 0..<pass.images {
            let (t, d) = (dx.image(image), pass.dOutput.image(image))
            for slice in 0..<slices.count {
                let start = slices.start(slice, pass.operands, image: image)
                for i in 0..<slices.run { t[start + i] += d[slice * slices.run + i] }
            }
        }
    }
}
