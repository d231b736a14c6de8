import CKernels
import Testing
import TestSupport

@testable import Network

/// The C kernels against their definitions.
struct KernelTests {
    private static func random(_ count: Int) -> [Float] { (0..<count).map { _ in Float.random(in: -1...1) } }

    /// Sizes around the kernels' tiles: 6 or 14 rows, 16 or 32 columns, 256 deep.
    @Test(arguments: [1, 5, 6, 7, 13, 14, 15, 29], [1, 15, 16, 17, 31, 32, 33, 70])
    func multipliesPackedWeights(m: Int, n: Int) {
        for width in [16, 32] where width <= PackedProduct.width {
            for k in [1, 3, 64, 255, 256, 257, 600] {
                let (x, weights, before) = (Self.random(m * k), Self.random(n * k), Self.random(m * n))
                let panels = (n + width - 1) / width
                var packed = [Float](repeating: 0, count: panels * width * k)
                for o in 0..<n {
                    for p in 0..<k { packed[(o / width * k + p) * width + o % width] = weights[o * k + p] }
                }
                for adds in [false, true] {
                    var y = before
                    packed_product(width, x, k, packed, &y, n, m, n, k, adds ? 1 : 0)
                    let expected = (0..<m * n).map { index in
                        (0..<k).reduce(adds ? Double(before[index]) : 0) {
                            $0 + Double(x[index / n * k + $1]) * Double(weights[index % n * k + $1])
                        }
                    }
                    let worst = maxDifference(y, expected.map { Float($0) })
                    #expect(worst <= 1e-4, "width \(width), \(m) x \(n) x \(k), adds \(adds): differs by \(worst)")
                }
            }
        }
    }

    @Test(arguments: [1, 15, 32, 33, 70], [1, 30, 64, 100])
    func packsAsTheKernelsRead(n: Int, k: Int) {
        guard PackedProduct.width > 0 else { return }
        let (weights, x) = (FloatStorage(Self.random(n * k)), Self.random(9 * k))
        var expected = [Float](repeating: 0, count: 9 * n)
        Gemm.multiply(m: 9, n: n, k: k, x, k, weights.base, k, transposed: true, into: &expected, n)
        for inAdvance in [false, true] {
            let product = PackedProduct(n: n, k: k, inAdvance: inAdvance, threads: Threads(count: 2)) { rows, panel in
                pack_panel(PackedProduct.width, panel, weights.base + rows.lowerBound * k, rows.count, k, k, 1)
            }
            var y = [Float](repeating: 0, count: 9 * n)
            product.multiply(m: 9, x, into: &y, adds: false, threads: Threads(count: 3)) { _, _ in }
            #expect(maxDifference(y, expected) <= 1e-4)
        }
    }

    @Test(arguments: [1, 5, 32], [1, 9, 70])
    func packsWindows(rows: Int, taps: Int) {
        let (depth, width, step) = (23, 32, 40 * taps)
        let weights = Self.random(max(rows, depth) * 40 * taps)
        var (panel, turned) = (
            [Float](repeating: .nan, count: taps * depth * width), [Float](repeating: .nan, count: taps * depth * width)
        )
        pack_panel(width, &panel, weights, rows, step, depth, taps)
        pack_turned_panel(width, &turned, weights, rows, depth, step, taps)
        for t in 0..<taps {
            for i in 0..<depth {
                let (row, other) = (
                    panel[((t * depth + i) * width)...].prefix(width),
                    turned[((t * depth + i) * width)...].prefix(width)
                )
                #expect(Array(row) == (0..<width).map { $0 < rows ? weights[$0 * step + i * taps + t] : 0 })
                #expect(
                    Array(other) == (0..<width).map { $0 < rows ? weights[i * step + $0 * taps + taps - 1 - t] : 0 })
            }
        }
    }

    @Test(arguments: [1, 7, 16, 33, 100], [false, true])
    func appliesEpilogues(channels: Int, residual: Bool) {
        for (scales, shifts) in [(false, false), (true, false), (false, true), (true, true)] {
            for activation in [nil, Activation.relu, Activation(low: 0, high: 0.5)] {
                let epilogue = Epilogue(
                    scale: scales ? Self.random(channels) : nil, shift: shifts ? Self.random(channels) : nil,
                    addsResidual: residual,
                    activation: activation)
                let (x, r) = (Self.random(3 * channels), Self.random(3 * channels))
                var y = x
                r.withUnsafeBufferPointer {
                    epilogue.apply(
                        &y, rows: 3, stride: channels, columns: 0..<channels, residual: residual ? $0.baseAddress : nil)
                }
                let expected = x.indices.map { i in
                    let c = i % channels
                    let sum = x[i] * (epilogue.scale?[c] ?? 1) + (epilogue.shift?[c] ?? 0) + (residual ? r[i] : 0)
                    return activation.map { min(max(sum, $0.low), $0.high) } ?? sum
                }
                #expect(maxDifference(y, expected) <= 1e-6)
            }
        }
    }
}
