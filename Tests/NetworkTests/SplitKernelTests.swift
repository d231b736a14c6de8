import CKernels
import Testing
import TestSupport

@testable import Network

/// Products of numbers that are split into bfloat16, against their definition in double precision; where the processor
/// has AMX, or GRADCAM_KERNELS asks for the same in plain C.
@Suite(.enabled(if: gradcam_has_split_products()))
struct SplitKernelTests {
    /// A product's factors, with x's rows `ldx` apart and the weights as split panels.
    private struct Factors {
        let m, n, k, ldx: Int
        var x: [Float]
        let weights: [Float]

        init(m: Int, n: Int, k: Int, apart: Int = 3) {
            (self.m, self.n, self.k, ldx) = (m, n, k, k + apart)
            (x, weights) = (KernelTests.random(m * ldx), KernelTests.random(n * k))
        }

        func panels(_ precision: Precision) -> [Float] {
            var panels = [Float](repeating: 0, count: (n + 31) / 32 * 32 * k)
            for o in 0..<n { for p in 0..<k { panels[(o / 32 * k + p) * 32 + o % 32] = weights[o * k + p] } }
            panels.withUnsafeMutableBufferPointer { panels in
                for panel in stride(from: 0, to: panels.count, by: 32 * k) {
                    precision.split(panels.baseAddress! + panel, k: k)
                }
            }
            return panels
        }

        /// Number (row, o), and what it would be of magnitudes.
        func exact(_ row: Int, _ o: Int) -> (Double, Double) {
            (0..<k).reduce((0, 0)) { sums, p in
                let product = Double(x[row * ldx + p]) * Double(weights[o * k + p])
                return (sums.0 + product, sums.1 + abs(product))
            }
        }

        func product(_ precision: Precision, over before: [Float], ldy: Int, adds: Bool) -> [Float] {
            let panels = panels(precision)
            return KernelTests.written(over: before) {
                precision.multiply(m: m, n: n, k: k, x, ldx, panels, into: $0, ldy, adds: adds)
            }
        }
    }

    /// Errors of one product of two numbers, by the product.
    private static let error: [Precision: Double] = [.bf16x3: 0x1p-15, .bf16: 0x1p-7]

    /// Sizes around tiles of 16 rows, four of which are split at a time, panels of 32, blocks of 32 and slices of 256.
    @Test(arguments: [1, 15, 16, 17, 33, 56, 65], [1, 16, 31, 32, 33, 70])
    func multiplies(m: Int, n: Int) {
        for k in [5, 31, 32, 33, 64, 255, 256, 300, 545] {
            let factors = Factors(m: m, n: n, k: k), ldy = n + 5
            let before = KernelTests.random(m * ldy)
            for precision in [Precision.bf16x3, .bf16] {
                for adds in [false, true] {
                    let y = factors.product(precision, over: before, ldy: ldy, adds: adds)
                    var worst = 0.0
                    for row in 0..<m {
                        for o in 0..<n {
                            let (exact, magnitude) = factors.exact(row, o), old = Double(before[row * ldy + o])
                            let difference = abs(Double(y[row * ldy + o]) - exact - (adds ? old : 0))
                            worst = max(worst, difference / (magnitude * Self.error[precision]! + 1e-6))
                        }
                        #expect(y[row * ldy + n..<(row + 1) * ldy] == before[row * ldy + n..<(row + 1) * ldy])
                    }
                    #expect(worst <= 1, "\(m) x \(n) x \(k), \(precision), adds \(adds): \(worst) times the bound")
                }
            }
        }
    }

    /// The sums are as good as the bound says on the whole, too: errors have no sign.
    @Test func errorsHaveNoSign() {
        let factors = Factors(m: 64, n: 64, k: 1024, apart: 0)
        let y = factors.product(.bf16x3, over: [Float](repeating: 0, count: 64 * 64), ldy: 64, adds: false)
        var (squares, sum) = (0.0, 0.0)
        for row in 0..<64 {
            for o in 0..<64 {
                let difference = Double(y[row * 64 + o]) - factors.exact(row, o).0
                (squares, sum) = (squares + difference * difference, sum + difference)
            }
        }
        // Of sums of about 10.
        let deviation = (squares / 4096).squareRoot()
        #expect(deviation < 1e-4)
        #expect(abs(sum / 4096) < 5 * deviation / 64)
    }

    /// A row's numbers do not depend on the rows and columns beside it.
    @Test func rowsAndColumnsAreByThemselves() {
        let factors = Factors(m: 70, n: 96, k: 288, apart: 0)
        for precision in [Precision.bf16x3, .bf16] {
            let panels = factors.panels(precision), panel = 32 * 288
            var whole = [Float](repeating: 0, count: 70 * 96)
            precision.multiply(m: 70, n: 96, k: 288, factors.x, 288, panels, into: &whole, 96, adds: false)
            for rows in [0..<1, 13..<30, 60..<70] {
                var part = [Float](repeating: 0, count: rows.count * 40)
                factors.x.withUnsafeBufferPointer { x in
                    panels.withUnsafeBufferPointer { panels in
                        precision.multiply(
                            m: rows.count, n: 40, k: 288, x.baseAddress! + rows.lowerBound * 288, 288,
                            panels.baseAddress! + panel, into: &part, 40, adds: false)
                    }
                }
                for (i, row) in rows.enumerated() {
                    #expect(part[i * 40..<(i + 1) * 40] == whole[row * 96 + 32..<row * 96 + 72])
                }
            }
        }
    }

    /// Whichever of two summands comes first: gradients meet in the order of a plan.
    @Test(arguments: [Precision.bf16x3, .bf16])
    func addsAtTheEnd(_ precision: Precision) {
        let factors = Factors(m: 37, n: 50, k: 256), before = KernelTests.random(37 * 50)
        let sums = factors.product(precision, over: before, ldy: 50, adds: true)
        let product = factors.product(precision, over: before, ldy: 50, adds: false)
        #expect(sums == zip(before, product).map { $0 + $1 })
    }

    /// What bfloat16 products would make something else of: rows that hold what is not finite, or is very large or
    /// small, are as float32 has them; their neighbours are what they are without them.
    @Test(arguments: [Precision.bf16x3, .bf16])
    func rowsThatTilesDoNotKeep(_ precision: Precision) {
        let (m, n, k) = (20, 40, 300)
        var factors = Factors(m: m, n: n, k: k, apart: 0)
        let before = [Float](repeating: 1, count: m * n)
        let plain = factors.product(precision, over: before, ldy: n, adds: true)
        factors.x[3 * k + 7] = .infinity
        factors.x[4 * k + 290] = -.infinity
        factors.x[5 * k + 299] = .nan
        factors.x[6 * k + 30] = .greatestFiniteMagnitude
        for p in 0..<k {
            factors.x[7 * k + p] *= 0x1p-133
            factors.x[8 * k + p] *= 1e-30
            factors.x[9 * k + p] = 0
        }
        let y = factors.product(precision, over: before, ldy: n, adds: true)
        for row in 0..<m {
            for o in 0..<n {
                let (exact, magnitude) = factors.exact(row, o), number = Double(y[row * n + o])
                switch row {
                case 3, 4: #expect(number == exact, "\(row)")
                case 5: #expect(number.isNaN)
                case 6: #expect(abs(number - 1 - exact) <= magnitude * Self.error[precision]!)
                case 7...9: #expect(number == 1)
                default: #expect(number == Double(plain[row * n + o]))
                }
            }
        }
        // Small ones by themselves.
        let alone = factors.product(precision, over: before, ldy: n, adds: false)
        for o in 0..<n {
            for row in [7, 8] {
                let (exact, magnitude) = factors.exact(row, o)
                #expect(abs(Double(alone[row * n + o]) - exact) <= magnitude * Self.error[precision]! + 1e-44)
            }
        }
    }

    /// Weights that cannot be split stay float32.
    @Test func weightsThatAreNotSplit() throws {
        let threads = Threads(count: 2)
        for (number, isSplit) in [(0.5, true), (1e12, true), (1e13, false), (.infinity, false), (.nan, false)]
            as [(Float, Bool)]
        {
            for place in [0, 16, 16_001, 599_999] {
                var weights = [Float](repeating: 0.25, count: 600_000)
                weights[place] = -number
                let precision = Precision.bf16x3.fitting(try FloatStorage(weights), threads: threads)
                #expect(precision == (isSplit ? .bf16x3 : .float32), "\(number)")
            }
        }
        #expect(Precision.bf16.fitting(try FloatStorage([0, 0]), threads: threads) == .float32)
        #expect(Precision.bf16.fitting(try FloatStorage([1e-10]), threads: threads) == .float32)
        #expect(Precision.float32.fitting(try FloatStorage([1]), threads: threads) == .float32)
    }
}
