import CKernels

extension Add: EpilogueFusible {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        LayoutRule.broadcasting(arriving, outputShapes[0])
    }

    func kernel(_ site: KernelSite) -> any Kernel { AddKernel(epilogue: site.epilogue) }
}

struct AddKernel: Kernel {
    /// A function alone.
    let epilogue: Epilogue
    var gradientReads: GradientReads { epilogue.gradientReads }

    func reads(_ strides: [Int], operand: Int, gradient: Bool) -> Bool { strides.allSatisfy { $0 >= 0 } }

    func forward(_ pass: ForwardPass) {
        pass.walkParts { part in
            var sum = 1
            for next in 2..<part.bases.count {
                part.combine(gradcam_sum, sum, next)
                sum = 0
            }
            if part.bases.count == 2 {
                for row in 0..<part.rows {
                    let (y, x) = (part.bases[0] + row * part.rowStrides[0], part.bases[1] + row * part.rowStrides[1])
                    for i in 0..<part.count { y[i] = x[i * part.strides[1]] }
                }
            }
            epilogue.apply(
                part.bases[0], rows: part.rows, stride: part.rowStrides[0], columns: 0..<part.count, residual: nil)
        }
    }

    func gradient(_ pass: GradientPass) {
        if !epilogue.isIdentity {
            let (d, y) = (pass.dOutput.base, pass.outputs[0].base)
            pass.threads.split(pass.images * pass.dOutput.shape.count, grain: 8192) { range in
                let start = range.lowerBound
                epilogue.gradient(
                    d + start, y: y + start, rows: 1, channels: range.count, dResidual: nil, rule: pass.rule)
            }
        }
        for index in pass.operands.indices {
            pass.walk(index, operands: 0..<0) { t, d, _, _, n, s in
                for i in 0..<n { t[i * s[0]] += d[i * s[1]] }
            }
        }
    }
}
