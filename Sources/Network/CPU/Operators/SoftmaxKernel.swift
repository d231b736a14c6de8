import CKernels
import Platform

extension Softmax: CPUOperator, Kernel {
    var gradientReads: GradientReads { .outputs }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.plain(arriving) }

    private func forEachLine(_ images: Int, _ threads: Threads, _ body: (Int) -> Void) {
        threads.split(images * outer * inner, grain: max(1, 2048 / max(extent, 1))) { lines in
            for line in lines { body(line / inner * extent * inner + line % inner) }
        }
    }

    func forward(_ pass: ForwardPass) {
        let (n, s) = (extent, inner)
        forEachLine(pass.images, pass.threads) { start in
            let (x, y) = (pass.input.base + start, pass.output.base + start)
            if s == 1, !isLog { return gradcam_softmax(x, y, n) }
            var peak = -Float.infinity
            for i in 0..<n { peak = max(peak, x[i * s]) }
            var sum: Float = 0
            for i in 0..<n {
                y[i * s] = expf(x[i * s] - peak)
                sum += y[i * s]
            }
            if isLog {
                let log = logf(sum)
                for i in 0..<n { y[i * s] = x[i * s] - peak - log }
            } else {
                for i in 0..<n { y[i * s] /= sum }
            }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0]?.base else { return }
        let (n, s) = (extent, inner)
        forEachLine(pass.images, pass.threads) { start in
            let (y, d, t) = (pass.outputs[0].base + start, pass.dOutput.base + start, dx + start)
            var sum: Float = 0
            for i in 0..<n { sum += isLog ? d[i * s] : d[i * s] * y[i * s] }
            for i in 0..<n { t[i * s] += isLog ? d[i * s] - expf(y[i * s]) * sum : y[i * s] * (d[i * s] - sum) }
        }
    }
}
