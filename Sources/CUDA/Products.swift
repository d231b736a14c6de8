import CCUDA
import Network

/// A row-major matrix product y = alpha * op(a) * op(b) + beta * y, of [m, k] by [k, n], many times.
struct Product {
    var m, n, k: Int
    var transposesA = false, transposesB = false
    /// Numbers from one product to the next.
    var strideA, strideB, strideY: Int
    var count: Int
    var alpha: Float = 1, beta: Float = 0
    /// Of one call of cuBLAS, whose grids have no more blocks along their third axis.
    static let mostAtOnce = 65535

    /// cuBLAS has matrices column by column, so that it sees every one transposed: y^T = op(b)^T * op(a)^T.
    func run(_ a: UInt64, _ b: UInt64, _ y: UInt64, _ stream: Stream) throws(NetworkError) {
        guard count > 0, m > 0, n > 0 else { return }
        // A sum of nothing, for which cuBLAS takes no rows.
        guard k > 0 else {
            for i in 0..<count where self.beta == 0 { try stream.clear(y + UInt64(i * strideY * 4), m * n) }
            return
        }
        // CUBLAS_OP_T is 1.
        var (alpha, beta) = (alpha, beta)
        for first in stride(from: 0, to: count, by: Self.mostAtOnce) {
            func place(_ address: UInt64, _ stride: Int) -> UInt { UInt(address) + UInt(first * stride * 4) }
            let status = stream.card.calls.cublasSgemmStridedBatched(
                stream.cublas, transposesB ? 1 : 0, transposesA ? 1 : 0, Int32(n), Int32(m), Int32(k), &alpha,
                UnsafePointer(bitPattern: place(b, strideB)), Int32(transposesB ? k : n), Int64(strideB),
                UnsafePointer(bitPattern: place(a, strideA)), Int32(transposesA ? m : k), Int64(strideA), &beta,
                UnsafeMutablePointer(bitPattern: place(y, strideY)), Int32(n), Int64(strideY),
                Int32(min(Self.mostAtOnce, count - first)))
            try stream.card.check(status, of: cuda_library_cublas, "cublasSgemmStridedBatched")
        }
    }
}
