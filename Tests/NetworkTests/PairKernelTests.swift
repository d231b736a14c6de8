import CKernels
import Testing
import TestSupport

@testable import Network

/// The C kernels of pairs and of rows, at the width that GRADCAM_KERNELS asks for, against plain loops.
struct PairKernelTests {
    private static let pairs: [(gradcam_pair, @Sendable (Float, Float) -> Float)] = [
        (gradcam_sum, { $0 + $1 }), (gradcam_difference, { $0 - $1 }), (gradcam_product, { $0 * $1 }),
        (gradcam_quotient, { $0 / $1 }),
    ]

    @Test(arguments: [1, 7, 16, 33, 100], [(1, 1), (1, 0), (0, 1), (0, 0), (3, 1), (1, 2), (2, 0)])
    func combines(_ count: Int, steps: (a: Int, b: Int)) {
        let (rows, yStride) = (3, count + 2)
        for (pair, f) in Self.pairs {
            // Rows of their own, and one row for all.
            for (aStride, bStride) in [(count + 1, count + 5), (0, count + 5), (count + 1, 0)] {
                let (a, before) = (KernelTests.random(rows * 4 * count), KernelTests.random(rows * yStride))
                let b = KernelTests.random(rows * (3 * count + 5)).map { $0 + 3 }
                let y = KernelTests.written(over: before) {
                    gradcam_combine(pair, a, aStride, steps.a, b, bStride, steps.b, $0, yStride, rows, count)
                }
                let expected = before.indices.map { index -> Float in
                    let (row, i) = index.quotientAndRemainder(dividingBy: yStride)
                    return i < count ? f(a[row * aStride + i * steps.a], b[row * bStride + i * steps.b]) : before[index]
                }
                #expect(maxDifference(y, expected) <= 1e-6)
                guard steps.a == 1 else { continue }
                let inPlace = KernelTests.written(over: before) {
                    gradcam_combine(pair, $0, yStride, 1, b, bStride, steps.b, $0, yStride, rows, count)
                }
                let other = before.indices.map { index -> Float in
                    let (row, i) = index.quotientAndRemainder(dividingBy: yStride)
                    return i < count ? f(before[index], b[row * bStride + i * steps.b]) : before[index]
                }
                #expect(maxDifference(inPlace, other) <= 1e-6)
            }
        }
    }

    @Test(arguments: [1, 15, 16, 17, 63, 64, 100, 768, 1024, 1030, 5000])
    func addsUpRows(_ count: Int) {
        let x = KernelTests.random(count).map { $0 + 100 }
        let sum = x.reduce(0) { $0 + Double($1) }
        #expect(abs(gradcam_deviations(x, count, 0, false) - sum) <= 1e-6 * sum)
        let (mean, squares) = (Float(sum / Double(count)), x.map { Double($0) })
        let deviations = squares.reduce(0) { $0 + ($1 - Double(mean)) * ($1 - Double(mean)) }
        #expect(abs(gradcam_deviations(x, count, mean, true) - deviations) <= 1e-5 * max(1, deviations))
        let (gain, shift) = (KernelTests.random(count), KernelTests.random(count))
        let y = KernelTests.written(over: x) { gradcam_normalize(x, $0, count, mean, 0.5, gain, shift) }
        for i in 0..<count { #expect(abs(y[i] - ((x[i] - mean) * 0.5 * gain[i] + shift[i])) <= 1e-6) }
    }

    @Test(arguments: [1, 15, 16, 40, 97], [0, 1, 3, 4, 9, 49])
    func addsRowsUp(_ count: Int, rows: Int) {
        let (stride, before) = (count + 3, KernelTests.random(count))
        let x = KernelTests.random(max(1, rows) * stride)
        let y = KernelTests.written(over: before) { gradcam_add_rows(x, stride, rows, $0, count) }
        let expected = (0..<count).map { c in (0..<rows).reduce(before[c]) { $0 + x[$1 * stride + c] } }
        #expect(maxDifference(y, expected) <= 1e-5)
    }
}
