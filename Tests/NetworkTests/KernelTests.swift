import CKernels
import Foundation
import Testing
import TestSupport

@testable import Network

/// The C kernels that compute products against their definitions. They run at the width that GRADCAM_KERNELS asks for,
/// which `make test-kernels` sets to each one that the machine has.
struct KernelTests {
    static func random(_ count: Int) -> [Float] { (0..<count).map { _ in Float.random(in: -1...1) } }

    /// What a kernel makes of `before`, which lies across the vectors' bounds; the numbers around must stay.
    static func written(over before: [Float], _ body: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
        let around = [Float](repeating: 77, count: 33)
        var memory = around + before + around
        memory.withUnsafeMutableBufferPointer { body($0.baseAddress! + around.count) }
        #expect(memory.prefix(around.count) == around[...] && memory.suffix(around.count) == around[...])
        return Array(memory.dropFirst(around.count).prefix(before.count))
    }

    /// x (m x k) * w^T, w a row an output, by the definition.
    private static func product(
        _ x: [Float], _ ldx: Int, _ w: [Float], _ ldw: Int, m: Int, n: Int, k: Int
    ) -> [Float] {
        var y = [Float](repeating: 0, count: m * n)
        x.withUnsafeBufferPointer { x in
            w.withUnsafeBufferPointer { w in
                for i in 0..<m {
                    for j in 0..<n {
                        var (sum, p) = (Float(0), 0)
                        while p < k {
                            sum += x[i * ldx + p] * w[j * ldw + p]
                            p += 1
                        }
                        y[i * n + j] = sum
                    }
                }
            }
        }
        return y
    }

    @Test func runsAtTheWidthAskedFor() {
        let name = String(cString: gradcam_kernels())
        if let wanted = ProcessInfo.processInfo.environment["GRADCAM_KERNELS"], wanted != "" {
            #expect(name == wanted)
        }
        #expect(PackedProduct.width == ["avx2": 16, "avx512": 32, "amx": 32, "amx-emulated": 32][name, default: 0])
    }

    /// Sizes around the kernels' tiles: 6 or 14 rows, 16 or 32 columns, strips of 256, 256 deep; and a distance of rows
    /// for which they are copied near.
    @Test(arguments: [1, 6, 7, 14, 15, 29], [1, 7, 8, 15, 16, 17, 23, 24, 25, 32, 33, 290])
    func multipliesPackedWeights(m: Int, n: Int) {
        let width = PackedProduct.width
        guard width > 0 else { return }
        for (k, ldx) in [(1, 1), (3, 5), (255, 255), (256, 300), (257, 257), (300, 512), (600, 600)] {
            let (x, weights) = (Self.random(m * ldx), Self.random(n * k))
            let ldy = n + 3
            let before = Self.random(m * ldy)
            let panels = (n + width - 1) / width
            var packed = [Float](repeating: 0, count: panels * width * k)
            for o in 0..<n {
                for p in 0..<k { packed[(o / width * k + p) * width + o % width] = weights[o * k + p] }
            }
            let product = Self.product(x, ldx, weights, k, m: m, n: n, k: k)
            for adds in [false, true] {
                let y = Self.written(over: before) {
                    gradcam_packed_product(x, ldx, packed, $0, ldy, m, n, k, adds, nil)
                }
                let expected = before.indices.map { index in
                    let (row, o) = index.quotientAndRemainder(dividingBy: ldy)
                    return o < n ? product[row * n + o] + (adds ? before[index] : 0) : before[index]
                }
                let worst = maxDifference(y, expected)
                #expect(worst <= 2e-4, "\(m) x \(n) x \(k), adds \(adds): differs by \(worst)")
            }
        }
    }

    /// One row, of which some numbers are 0, times more rows than are listed at a time.
    @Test(arguments: [1, 4095, 4096, 4099, 10_001]) func addsManyRows(count: Int) {
        let n = 5, rows = Self.random(count * n)
        let scales = Self.random(count).enumerated().map { $0.offset % 3 == 0 ? 0 : $0.element }
        var y = [Float](repeating: .nan, count: n)
        Gemm.multiply(m: 1, n: n, k: count, scales, count, rows, n, transposed: false, into: &y, n)
        let expected = (0..<n).map { column in
            Float((0..<count).reduce(0.0) { $0 + Double(scales[$1]) * Double(rows[$1 * n + column]) })
        }
        #expect(maxDifference(y, expected) <= 1e-5 * Float(count).squareRoot() + 1e-5)
    }

    /// Epilogues of all parts, on widths of all tiles, from a shared row of the output on, and no number where there is
    /// none.
    @Test(arguments: 0..<8, [1, 5, 8, 11, 16, 20, 32, 45, 290])
    func finishesProducts(parts: Int, n: Int) throws {
        guard PackedProduct.width > 0 else { return }
        for (m, k) in [(1, 3), (15, 40), (49, 300), (70, 5)] {
            var x = Self.random(m * k)
            x[0] = .nan
            let weights = try FloatStorage(Self.random(n * k)), residual = Self.random(m * n)
            var epilogue = Epilogue(
                function: n % 2 == 0 ? .clip(Activation(low: -0.25, high: 0.5)) : .function(.leakyRelu(slope: 0.25)))
            if parts & 1 != 0 { epilogue.scale = Self.random(n) }
            if parts & 2 != 0 { epilogue.shift = Self.random(n) }
            epilogue.addsResidual = parts & 4 != 0
            let product = PackedProduct(
                n: n, k: k, inAdvance: true, threads: Threads(count: 1), from: PackedWeights(weights)
            ) { weights, rows, panel in
                gradcam_pack_panel(PackedProduct.width, panel, weights.base + rows.lowerBound * k, rows.count, k, k, 1)
            }
            try product.weights.prepare(within: .standard)
            var expected = [Float](repeating: 0, count: m * n), y = expected, scratch: [Float] = [0]
            product.multiply(
                m: m, x, into: &expected, adds: false, scratch: &scratch, threads: Threads(count: 1), finish: nil)
            epilogue.apply(
                &expected, rows: m, stride: n, columns: 0..<n, residual: epilogue.addsResidual ? residual : nil)
            for threads in [1, 2, 3] {
                y.withUnsafeMutableBufferPointer { y in
                    residual.withUnsafeBufferPointer { residual in
                        Finish.with(
                            epilogue, on: y.baseAddress!, channels: n,
                            residual: epilogue.addsResidual ? residual.baseAddress! : nil
                        ) {
                            product.multiply(
                                m: m, x, into: y.baseAddress!, adds: false, scratch: &scratch,
                                threads: Threads(count: threads), finish: $0)
                        }
                    }
                }
                #expect(y.prefix(n).allSatisfy(\.isNaN) && expected.prefix(n).allSatisfy(\.isNaN))
                #expect(maxDifference(Array(y.dropFirst(n)), Array(expected.dropFirst(n))) <= 4e-6)
            }
        }
    }

    @Test(arguments: [1, 15, 32, 33, 70], [1, 30, 64, 100])
    func packsAsTheKernelsRead(n: Int, k: Int) throws {
        guard PackedProduct.width > 0 else { return }
        let (weights, x) = (try FloatStorage(Self.random(n * k)), Self.random(9 * k))
        var expected = [Float](repeating: 0, count: 9 * n)
        Gemm.multiply(m: 9, n: n, k: k, x, k, weights.base, k, transposed: true, into: &expected, n)
        for inAdvance in [false, true] {
            let product = PackedProduct(
                n: n, k: k, inAdvance: inAdvance, threads: Threads(count: 2), from: PackedWeights(weights)
            ) { weights, rows, panel in
                gradcam_pack_panel(PackedProduct.width, panel, weights.base + rows.lowerBound * k, rows.count, k, k, 1)
            }
            var y = [Float](repeating: 0, count: 9 * n)
            var scratch = [Float](repeating: .nan, count: 3 * PackedProduct.scratch(n: n, k: k))
            try product.weights.prepare(within: .standard)
            product.multiply(m: 9, x, into: &y, adds: false, scratch: &scratch, threads: Threads(count: 3), finish: nil)
            #expect(maxDifference(y, expected) <= 1e-4)
        }
    }

    @Test(arguments: [(16, 1), (16, 5), (16, 16), (32, 1), (32, 17), (32, 32)], [1, 9, 70])
    func packsWindows(_ panel: (width: Int, rows: Int), taps: Int) {
        let (width, rows) = panel
        let (depth, step) = (23, 40 * taps)
        let weights = Self.random(max(rows, depth) * step)
        let blank = [Float](repeating: .nan, count: taps * depth * width)
        let panel = Self.written(over: blank) { gradcam_pack_panel(width, $0, weights, rows, step, depth, taps) }
        let turned = Self.written(over: blank) {
            gradcam_pack_turned_panel(width, $0, weights, rows, depth, step, taps)
        }
        for index in blank.indices {
            let (place, r) = index.quotientAndRemainder(dividingBy: width)
            let (t, i) = place.quotientAndRemainder(dividingBy: depth)
            #expect(panel[index] == (r < rows ? weights[r * step + i * taps + t] : 0))
            #expect(turned[index] == (r < rows ? weights[i * step + r * taps + taps - 1 - t] : 0))
        }
    }

    @Test(arguments: [1, 3, 4, 5, 18], [1, 3, 4, 7, 33])
    func transposes(rows: Int, columns: Int) {
        let (row, width) = (columns + 2, rows + 3)
        let from = Self.random(rows * row)
        let to = Self.written(over: Self.random(columns * width)) {
            gradcam_transpose(from, row, rows, columns, $0, width)
        }
        for c in 0..<columns { for r in 0..<rows { #expect(to[c * width + r] == from[r * row + c]) } }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 9, 17], [1, 5])
    func multipliesFewRows(m: Int, n: Int) {
        for k in [1, 15, 16, 31, 32, 33, 100] {
            let (ldx, ldw, ldy) = (k + 1, k + 2, n + 3)
            let (x, w, before) = (Self.random(m * ldx), Self.random(n * ldw), Self.random(m * ldy))
            let y = Self.written(over: before) { gradcam_few_rows_product(x, ldx, w, ldw, $0, ldy, m, n, k) }
            let product = Self.product(x, ldx, w, ldw, m: m, n: n, k: k)
            let expected = before.indices.map { index in
                let (i, j) = index.quotientAndRemainder(dividingBy: ldy)
                return j < n ? product[i * n + j] : before[index]
            }
            #expect(maxDifference(y, expected) <= 1e-4, "\(m) x \(n) x \(k)")
        }
    }

    @Test(arguments: [0, 1, 3, 4, 5, 9], [1, 7, 16, 33, 100])
    func addsScaledRows(count: Int, n: Int) {
        let (scales, rows, before) = (Self.random(count), Self.random(count * n), Self.random(n))
        let y = rows.withUnsafeBufferPointer { rows in
            Self.written(over: before) {
                gradcam_add_scaled_rows(scales, (0..<count).map { rows.baseAddress! + $0 * n }, count, $0, n)
            }
        }
        let expected = (0..<n).map { i in (0..<count).reduce(before[i]) { $0 + scales[$1] * rows[$1 * n + i] } }
        #expect(maxDifference(y, expected) <= 1e-5)
    }
}
