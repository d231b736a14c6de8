import CKernels
import COpenBLAS

/// Matrix products, each on the calling thread; whoever calls splits the work, inside of `OpenBLAS.onOneThread`.
enum Gemm {
    /// The most that OpenBLAS counts, of columns, inner extents and numbers in a row. Operators with larger ones are
    /// refused.
    static let mostExtent = Int(blasint.max)

    /// The most rows that are multiplied here, each with the numbers that it has by itself.
    static let fewRows = 8

    /// C (m x n) = A (m x k) * op(B) + beta * C, row-major; op(B) is k x n, and B is stored n x k where `transposed`.
    ///
    /// - Parameter eachRow: whether every row, of `fewRows` at most, has the numbers that it has by itself, where B is
    ///   not transposed, or beta is 0.
    static func multiply(
        m: Int, n: Int, k: Int,
        _ a: UnsafePointer<Float>, _ lda: Int,
        _ b: UnsafePointer<Float>, _ ldb: Int, transposed: Bool,
        into c: UnsafeMutablePointer<Float>, _ ldc: Int, beta: Float = 0, eachRow: Bool = false
    ) {
        guard m > 0, n > 0 else { return }
        if transposed, m <= fewRows, beta == 0 {
            return gradcam_few_rows_product(a, lda, b, ldb, c, ldc, m, n, k)
        }
        if !transposed, m == 1 || eachRow {
            return multiplyRows(m: m, n: n, k: k, a, lda, b, ldb, into: c, ldc, beta: beta)
        }
        // As many rows at a time as OpenBLAS counts.
        for row in stride(from: 0, to: m, by: mostExtent) {
            cblas_sgemm(
                CblasRowMajor, CblasNoTrans, transposed ? CblasTrans : CblasNoTrans,
                blasint(min(mostExtent, m - row)), blasint(n), blasint(k), 1, a + row * lda, blasint(lda), b,
                blasint(ldb), beta, c + row * ldc, blasint(ldc))
        }
    }

    /// C (m x n) = A * B + beta * C of a few rows, each with the numbers that it has by itself; B is read once.
    private static func multiplyRows(
        m: Int, n: Int, k: Int, _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int,
        into c: UnsafeMutablePointer<Float>, _ ldc: Int, beta: Float
    ) {
        if beta == 0 { for row in 0..<m { (c + row * ldc).update(repeating: 0, count: n) } }
        // As much of a row of C, and of some rows of B, as stays near while the others run past.
        for start in stride(from: 0, to: n, by: 4096) {
            var sums = [ScaledRows](repeating: ScaledRows(), count: m)
            for first in stride(from: 0, to: k, by: 32) {
                let some = first..<min(first + 32, k)
                for row in 0..<m {
                    for p in some { sums[row].append(b + p * ldb + start, times: a[row * lda + p]) }
                    sums[row].add(to: c + row * ldc + start, min(4096, n - start), isLast: some.upperBound == k)
                }
            }
        }
    }

    /// Rows that wait to be added to another one. After a rectifier many scales are zero, and their rows need not be
    /// read.
    private struct ScaledRows {
        private var scales: [Float] = [], rows: [UnsafePointer<Float>?] = []

        mutating func append(_ row: UnsafePointer<Float>, times scale: Float) {
            guard scale != 0 else { return }
            scales.append(scale)
            rows.append(row)
        }

        /// y += sum_p scales[p] * row p, four rows at a time; those that are left over wait for more, or are the last.
        mutating func add(to y: UnsafeMutablePointer<Float>, _ count: Int, isLast: Bool) {
            let some = isLast ? rows.count : rows.count / 4 * 4
            gradcam_add_scaled_rows(scales, rows, some, y, count)
            scales.removeFirst(some)
            rows.removeFirst(some)
        }
    }

    /// The least share of rows (each of `row` multiplications) that a product may be split into. OpenBLAS multiplies
    /// small matrices in another order, up to 10^6 multiplications: a share is never so small, so that numbers do not
    /// depend on how many threads there are.
    /// Nor is it of the few rows that are multiplied here.
    static func grain(row: Int) -> Int { max(fewRows + 1, (1 << 20) / max(row, 1) + 1) }

    /// The same, split over threads along rows where there are more rows than columns, else along columns.
    static func multiply(
        m: Int, n: Int, k: Int,
        _ a: UnsafePointer<Float>, _ lda: Int,
        _ b: UnsafePointer<Float>, _ ldb: Int, transposed: Bool,
        into c: UnsafeMutablePointer<Float>, _ ldc: Int, beta: Float = 0, eachRow: Bool = false, threads: Threads
    ) {
        if m >= n {
            threads.split(m, grain: grain(row: .sizeProduct(n, k))) { rows in
                multiply(
                    m: rows.count, n: n, k: k, a + rows.lowerBound * lda, lda, b, ldb, transposed: transposed,
                    into: c + rows.lowerBound * ldc, ldc, beta: beta, eachRow: eachRow)
            }
        } else {
            // A row or a few are multiplied here, number by number.
            let isOwn = transposed ? m <= fewRows && beta == 0 : m == 1 || eachRow
            threads.split(n, grain: isOwn ? (1 << 14) / max(.sizeProduct(m, k), 1) + 1 : grain(row: .sizeProduct(m, k)))
            { columns in
                let start = columns.lowerBound
                multiply(
                    m: m, n: columns.count, k: k, a, lda, b + start * (transposed ? ldb : 1), ldb,
                    transposed: transposed, into: c + start, ldc, beta: beta, eachRow: eachRow)
            }
        }
    }
}
