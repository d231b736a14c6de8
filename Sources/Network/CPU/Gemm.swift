import CKernels
import COpenBLAS

/// Single-threaded matrix products; whoever calls splits the work (one thread pool for the whole program).
enum Gemm {
    /// OpenBLAS's own threads off, once: they would spin beside ours.
    static let singleThreaded: Void = {
        openblas_set_num_threads(1)
        end_blas_threads()
    }()

    /// C (m x n) = A (m x k) * op(B) + beta * C, row-major; op(B) is k x n, and B is stored n x k where `transposed`.
    static func multiply(
        m: Int, n: Int, k: Int,
        _ a: UnsafePointer<Float>, _ lda: Int,
        _ b: UnsafePointer<Float>, _ ldb: Int, transposed: Bool,
        into c: UnsafeMutablePointer<Float>, _ ldc: Int, beta: Float = 0
    ) {
        guard m > 0, n > 0 else { return }
        _ = singleThreaded
        if m == 1 {
            // A single row: a product with a vector reads B once and packs nothing.
            cblas_sgemv(
                CblasRowMajor, transposed ? CblasNoTrans : CblasTrans, blasint(transposed ? n : k), blasint(transposed ? k : n), 1,
                b, blasint(ldb), a, 1, beta, c, 1)
            return
        }
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, transposed ? CblasTrans : CblasNoTrans,
            blasint(m), blasint(n), blasint(k), 1, a, blasint(lda), b, blasint(ldb), beta, c, blasint(ldc))
    }

    /// The same, split over threads along rows where there are more rows than columns, else along columns.
    static func multiply(
        m: Int, n: Int, k: Int,
        _ a: UnsafePointer<Float>, _ lda: Int,
        _ b: UnsafePointer<Float>, _ ldb: Int, transposed: Bool,
        into c: UnsafeMutablePointer<Float>, _ ldc: Int, beta: Float = 0, threads: Threads
    ) {
        let small = m * n * k < 1 << 15
        let one = Threads(count: 1)
        if m >= n {
            (small ? one : threads).split(m) { rows in
                multiply(
                    m: rows.count, n: n, k: k, a + rows.lowerBound * lda, lda, b, ldb, transposed: transposed,
                    into: c + rows.lowerBound * ldc, ldc, beta: beta)
            }
        } else {
            (small ? one : threads).split(n) { columns in
                let start = columns.lowerBound
                multiply(
                    m: m, n: columns.count, k: k, a, lda, b + start * (transposed ? ldb : 1), ldb,
                    transposed: transposed, into: c + start, ldc, beta: beta)
            }
        }
    }
}
