import CKernels

/// A table of a forward pass, step by step.
struct ProfileTable {
    struct Row {
        let name, opType, shape, algorithm: String
        let milliseconds: Double
        /// Floating-point operations; 0 where they are not counted.
        let operations: Double
    }

    let rows: [Row]
    /// What products reach on this machine where all that they read is near: GFLOP/s.
    let peak: Double

    /// One line a step: operator, output shape, algorithm, time, GFLOP/s, the share of the peak, and of the whole pass.
    var text: String {
        let total = rows.reduce(0) { $0 + $1.milliseconds }
        func cell(_ text: String, _ width: Int) -> String {
            text.count > width
                ? "…" + text.suffix(width - 1) : text + String(repeating: " ", count: width - text.count)
        }
        func number(_ value: Double, _ width: Int) -> String {
            let text = "\((value * 100).rounded() / 100)"
            return String(repeating: " ", count: max(0, width - text.count)) + text
        }
        var lines = [
            cell("step", 44) + cell("operator", 20) + cell("output", 22) + cell("algorithm", 20)
                + "      ms   GFLOP/s  % peak  % pass"
        ]
        for row in rows {
            let speed = row.operations / row.milliseconds / 1e6
            let rate =
                row.operations > 0
                ? number(speed, 10) + number(100 * speed / peak, 8) : String(repeating: " ", count: 18)
            lines.append(
                cell(row.name, 43) + " " + cell(row.opType, 20) + cell(row.shape, 22) + cell(row.algorithm, 20)
                    + number(row.milliseconds, 8) + rate + number(100 * row.milliseconds / total, 8))
        }
        var byAlgorithm: [(String, Double)] = []
        for row in rows {
            let key = row.algorithm.isEmpty ? row.opType : row.algorithm
            if let index = byAlgorithm.firstIndex(where: { $0.0 == key }) {
                byAlgorithm[index].1 += row.milliseconds
            } else {
                byAlgorithm.append((key, row.milliseconds))
            }
        }
        lines.append("")
        lines += byAlgorithm.sorted { $0.1 > $1.1 }.map { cell($0.0, 30) + number($0.1, 10) + " ms" }
        let operations = rows.reduce(0) { $0 + $1.operations }
        let speed = operations / total / 1e6
        lines.append(
            cell("whole pass", 30) + number(total, 10) + " ms" + number(speed, 10) + " GFLOP/s"
                + number(100 * speed / peak, 8) + " % of the peak")
        lines.append(
            "The peak, \(Int(peak)) GFLOP/s, is what a matrix product reaches that stays in the caches; operations "
                + "are those of the definition, of which Winograd needs fewer."
        )
        return lines.joined(separator: "\n")
    }
}

extension Threads {
    /// The best rate, in GFLOP/s, of products that stay in every core's own caches.
    func peakProductRate(_ precision: Precision) -> Double {
        let (m, n, k, repeats) = (56, 64, 256, 50), x = [Float](repeating: 1, count: m * k)
        var panels = [Float](repeating: 1, count: n * k)
        if precision != .float32 {
            panels.withUnsafeMutableBufferPointer { panels in
                for panel in stride(from: 0, to: panels.count, by: PackedProduct.width * k) {
                    precision.split(panels.baseAddress! + panel, k: k)
                }
            }
        }
        let weights = panels
        let clock = ContinuousClock()
        let seconds = (0..<20).map { _ in
            clock.measure {
                each(count) { _ in
                    withUnsafeTemporaryAllocation(of: Float.self, capacity: m * n) { y in
                        for _ in 0..<repeats {
                            if PackedProduct.width > 0 {
                                precision.multiply(
                                    m: m, n: n, k: k, x, k, weights, into: y.baseAddress!, n, adds: false)
                            } else {
                                Gemm.multiply(
                                    m: m, n: n, k: k, x, k, weights, k, transposed: true,
                                    into: y.baseAddress!, n)
                            }
                        }
                    }
                }
            } / .seconds(1)
        }.min()!
        return Double(2 * m * n * k * repeats * count) / seconds / 1e9
    }
}
