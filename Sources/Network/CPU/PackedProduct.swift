import CKernels

/// Products with weights that were packed once for this processor's vectors: OpenBLAS packs them anew at every call, which
/// few rows do not pay back.
enum PackedProduct {
    /// Columns in a panel; 0 where this processor has no kernel for it, and OpenBLAS does the work.
    static let width = packed_width()

    /// Weights (n x k: a row an output) as panels of `width` outputs: [panel][k][width].
    ///
    /// - Parameter rows: writes some rows of the weights one behind another; called from several threads.
    static func pack(
        n: Int, k: Int, threads: Threads, rows: (Range<Int>, UnsafeMutablePointer<Float>) -> Void
    ) -> FloatStorage {
        FloatStorage(count: size(n: n, k: k)) { target in
            threads.split((n + width - 1) / width, grain: max(1, 16384 / (k * width))) { panels in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: width * k) { plain in
                    for panel in panels {
                        let range = panel * width..<min((panel + 1) * width, n)
                        rows(range, plain.baseAddress!)
                        interleave(plain.baseAddress!, rows: range.count, k: k, into: target + panel * width * k)
                    }
                }
            }
        }
    }

    /// One panel: k columns of up to `width` rows, missing rows as zeros.
    static func interleave(_ plain: UnsafePointer<Float>, rows: Int, k: Int, into panel: UnsafeMutablePointer<Float>) {
        if rows < width { panel.update(repeating: 0, count: width * k) }
        // Blocks of k keep both sides of the transposition near.
        for start in stride(from: 0, to: k, by: 16) {
            let end = min(start + 16, k)
            for row in 0..<rows {
                let source = plain + row * k
                for p in start..<end { panel[p * width + row] = source[p] }
            }
        }
    }

    /// Floats that packed weights take.
    static func size(n: Int, k: Int) -> Int { (n + width - 1) / width * width * k }

    /// y (m x n) = x (m x k) * weights^T + beta * y (beta 0 or 1), then `finish(rows, columns)` on every finished part. Rows are
    /// shared out among threads where there are enough, else panels are.
    static func multiply(
        m: Int, n: Int, k: Int, _ x: UnsafePointer<Float>, _ panels: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
        adds: Bool, threads: Threads, finish: (Range<Int>, Range<Int>) -> Void
    ) {
        let count = (n + width - 1) / width
        if m >= 56 * threads.count || count < 2 * threads.count {
            threads.split(m, grain: 14) { rows in
                for start in stride(from: rows.lowerBound, to: rows.upperBound, by: 56) {
                    let end = min(start + 56, rows.upperBound)
                    packed_product(width, x + start * k, k, panels, y + start * n, n, end - start, n, k, adds ? 1 : 0)
                    finish(start..<end, 0..<n)
                }
            }
        } else {
            threads.split(count) { range in
                let (first, last) = (range.lowerBound * width, min(range.upperBound * width, n))
                packed_product(width, x, k, panels + first * k, y + first, n, m, last - first, k, adds ? 1 : 0)
                finish(0..<m, first..<last)
            }
        }
    }
}
