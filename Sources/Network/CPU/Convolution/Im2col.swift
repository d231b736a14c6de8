import CKernels

/// The weights of matrix products, a row an output.
enum ProductWeights: Sendable {
    /// For OpenBLAS: one row after another, group by group.
    case rows(PackedWeights)
    /// Of one group.
    case panels(PackedProduct)

    /// What is prepared before a product.
    var packed: PackedWeights {
        switch self {
        case .rows(let weights): weights
        case .panels(let product): product.weights
        }
    }
}

/// A convolution as a matrix product over unfolded windows, block of rows by block of rows; a row is an output pixel.
struct Im2col {
    let geometry: ConvolutionGeometry
    let images: Int
    /// Whether the weights are packed at every product, which is to happen once and not block by block.
    let repacks: Bool

    private var rows: Int { images * geometry.window.outArea }
    /// Rows are shared out among threads where there are enough; else the columns are, after one unfolding of
    /// everything.
    private func splitsRows(_ threads: Int) -> Bool {
        if repacks, rows < 64 * geometry.outChannels, Int.sizeProduct(rows, geometry.taps) < 1 << 22 { return false }
        return rows >= 64 * threads || rows >= geometry.outChannels
    }

    private func blockRows(_ threads: Int) -> Int {
        guard splitsRows(threads) else { return rows }
        let budget = 1 << 15
        return min((rows + threads - 1) / threads, max(48, budget / geometry.taps))
    }

    func scratch(threads: Int) -> Int {
        let (unfolded, panels) = (unfoldedFloats(threads), Int.sizeProduct(threads, panelFloats))
        return (splitsRows(threads) ? .sizeProduct(unfolded, threads) : unfolded) + panels
    }

    /// Floats of a block of windows: a multiple of a cache line.
    private func unfoldedFloats(_ threads: Int) -> Int { .sizeProduct(blockRows(threads), geometry.taps).cacheLines }
    /// Floats that a thread packs weights in.
    private var panelFloats: Int {
        repacks ? PackedProduct.scratch(n: geometry.outChannels, k: geometry.taps).cacheLines : 0
    }

    /// y (rows x outChannels) = unfold(x) * weights^T (+ y where `adds`), then `finish(rows, channels)` on every
    /// finished part.
    func run(
        _ x: UnsafePointer<Float>, _ weights: ProductWeights, into y: UnsafeMutablePointer<Float>, adds: Bool = false,
        scratch: UnsafeMutablePointer<Float>, threads: Threads, finish: (Range<Int>, Range<Int>) -> Void
    ) {
        let weightStorage = weights.packed.storage
        withExtendedLifetime(weightStorage) {
            run(
                x, weights, weightStorage.base, into: y, adds: adds, scratch: scratch, threads: threads, finish: finish)
        }
    }

    private func run(
        _ x: UnsafePointer<Float>, _ weights: ProductWeights, _ rowWeights: UnsafePointer<Float>,
        into y: UnsafeMutablePointer<Float>, adds: Bool, scratch: UnsafeMutablePointer<Float>, threads: Threads,
        finish: (Range<Int>, Range<Int>) -> Void
    ) {
        let g = geometry
        let (block, unfoldedFloats) = (blockRows(threads.count), unfoldedFloats(threads.count))
        if splitsRows(threads.count) {
            let parts = min(threads.count, max(1, rows / 16))
            threads.each(parts) { part in
                let unfolded = scratch + part * (unfoldedFloats + panelFloats)
                var start = rows * part / parts
                let end = rows * (part + 1) / parts
                while start < end {
                    let range = start..<min(end, start + block)
                    let y = y + range.lowerBound * g.outChannels
                    for group in 0..<g.groups {
                        unfold(x, range, group: group, into: unfolded)
                        switch weights {
                        case .panels(let product):
                            product.multiply(
                                m: range.count, unfolded, into: y, adds: adds, scratch: unfolded + unfoldedFloats,
                                threads: Threads(count: 1)
                            ) { _, _ in }
                        case .rows:
                            Gemm.multiply(
                                m: range.count, n: g.groupOut, k: g.taps, unfolded, g.taps,
                                rowWeights + group * g.groupOut * g.taps, g.taps,
                                transposed: true, into: y + group * g.groupOut, g.outChannels, beta: adds ? 1 : 0)
                        }
                    }
                    finish(range, 0..<g.outChannels)
                    start = range.upperBound
                }
            }
            return
        }
        for group in 0..<g.groups {
            threads.split(rows, grain: 8) { unfold(x, $0, group: group, into: scratch + $0.lowerBound * g.taps) }
            switch weights {
            case .panels(let product):
                product.multiply(
                    m: rows, scratch, into: y, adds: adds, scratch: scratch + unfoldedFloats, threads: threads,
                    finish: finish)
            case .rows:
                threads.split(g.groupOut, grain: 16) { columns in
                    let first = group * g.groupOut + columns.lowerBound
                    Gemm.multiply(
                        m: rows, n: columns.count, k: g.taps, scratch, g.taps, rowWeights + first * g.taps, g.taps,
                        transposed: true, into: y + first, g.outChannels, beta: adds ? 1 : 0)
                    finish(0..<rows, first..<first + columns.count)
                }
            }
        }
    }

    /// Writes the windows of the output pixels `range` (counted over all images), one a row; zero outside the map.
    func unfold(_ x: UnsafePointer<Float>, _ range: Range<Int>, group: Int, into target: UnsafeMutablePointer<Float>) {
        let w = geometry.window
        var window = geometry.slidingWindow
        var (start, target) = (range.lowerBound, target)
        while start < range.upperBound {
            let (image, pixel) = start.quotientAndRemainder(dividingBy: w.outArea)
            let count = min(range.upperBound - start, w.outArea - pixel)
            gradcam_unfold(
                x + image * w.inArea * geometry.inChannels + group * geometry.groupIn, &window, pixel, count, target)
            start += count
            target += count * geometry.taps
        }
    }
}
