import CKernels
import COpenBLAS

/// Matrix products, each on the calling thread; whoever calls splits the work, inside of `OpenBLAS.onOneThread`.
enum Gemm {
    /// The most that OpenBLAS counts, of columns, inner extents and numbers in a row. Operators with larger ones are
    /// refused.
    static let mostExtent = Int(blasint.max)

    /// C (m x n) = A (m x k) * op(B) + beta * C, row-major; op(B) is k x n, and B is stored n x k where `transposed`.
    static func multiply(
        m: Int, n: Int, k: Int,
        _ a: UnsafePointer<Float>, _ lda: Int,
        _ b: UnsafePointer<Float>, _ ldb: Int, transposed: Bool,
        into c: UnsafeMutablePointer<Float>, _ ldc: Int, beta: Float = 0
    ) {
        guard m > 0, n > 0 else { return }
        if transposed, m <= 8, beta == 0 {
            return gradcam_few_rows_product(a, lda, b, ldb, c, ldc, m, n, k)
        }
        if !transposed, m == 1 {
            if beta == 0 { c.update(repeating: 0, count: n) }
            return addRows(of: b, ldb, count: k, length: n, scaledBy: a, to: c)
        }
        // As many rows at a time as OpenBLAS counts.
        for row in stride(from: 0, to: m, by: mostExtent) {
            cblas_sgemm(
                CblasRowMajor, CblasNoTrans, transposed ? CblasTrans : CblasNoTrans,
                blasint(min(mostExtent, m - row)), blasint(n), blasint(k), 1, a + row * lda, blasint(lda), b,
                blasint(ldb), beta, c + row * ldc, blasint(ldc))
        }
    }

    /// y += sum_p scales[p] * row p. After a rectifier many scales are zero, and their rows need not be read.
    private static func addRows(
        of b: UnsafePointer<Float>, _ ldb: Int, count: Int, length: Int, scaledBy scales: UnsafePointer<Float>,
        to y: UnsafeMutablePointer<Float>
    ) {
        var factors: [Float] = [], rows: [UnsafePointer<Float>?] = []
        var next = 0
        while next < count {
            // So many that a list of them is small: a multiple of the four that are added at a time.
            while next < count, rows.count < 4096 {
                if scales[next] != 0 {
                    factors.append(scales[next])
                    rows.append(b + next * ldb)
                }
                next += 1
            }
            // As much of y at a time as stays near while the rows run past.
            for start in stride(from: 0, to: length, by: 4096) {
                gradcam_add_scaled_rows(
                    factors, rows.map { $0.map { $0 + start } }, rows.count, y + start, min(4096, length - start))
            }
            (factors, rows) = ([], [])
        }
    }

    /// The least share of rows (each of `row` multiplications) that a product may be split into. OpenBLAS multiplies
    /// small matrices in another order, up to 10^6 multiplications: a share is never so small, so that numbers do not
    /// depend on how many threads there are.
    /// Nor is it of the few rows that are multiplied here.
    static func grain(row: Int) -> Int { max(9, (1 << 20) / max(row, 1) + 1) }

    /// The same, split over threads along rows where there are more rows than columns, else along columns.
    static func multiply(
        m: Int, n: Int, k: Int,
        _ a: UnsafePointer<Float>, _ lda: Int,
        _ b: UnsafePointer<Float>, _ ldb: Int, transposed: Bool,
        into c: UnsafeMutablePointer<Float>, _ ldc: Int, beta: Float = 0, threads: Threads
    ) {
        if m >= n {
            threads.split(m, grain: grain(row: .sizeProduct(n, k))) { rows in
                multiply(
                    m: rows.count, n: n, k: k, a + rows.lowerBound * lda, lda, b, ldb, transposed: transposed,
                    into: c + rows.lowerBound * ldc, ldc, beta: beta)
            }
        } else {
            // A row or a few are multiplied here, number by number.
            let isOwn = transposed ? m <= 8 && beta == 0 : m == 1
            threads.split(n, grain: isOwn ? (1 << 14) / max(.sizeProduct(m, k), 1) + 1 : grain(row: .sizeProduct(m, k)))
            { columns in
                let start = columns.lowerBound
                multiply(
                    m: m, n: columns.count, k: k, a, lda, b + start * (transposed ? ldb : 1), ldb,
                    transposed: transposed, into: c + start, ldc, beta: beta)
            }
        }
    }
}
