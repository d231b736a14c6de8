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
    /// Of a packed product: rows are shared out among threads where there are enough; else the columns are, after one
    /// unfolding of everything.
    private func splitsRows(_ threads: Int) -> Bool {
        if repacks, rows < 64 * geometry.outChannels, Int.sizeProduct(rows, geometry.taps) < 1 << 22 { return false }
        return rows >= 64 * threads || rows >= geometry.outChannels
    }

    private func blockRows(_ threads: Int) -> Int {
        guard splitsRows(threads) else { return rows }
        let budget = 1 << 14
        return min((rows + threads - 1) / threads, max(48, budget / geometry.taps))
    }

    func scratch(threads: Int) -> Int {
        if !geometry.packs { return .sizeProduct(sharedBlock, geometry.taps, threads) }
        let (unfolded, panels) = (unfoldedFloats(threads), Int.sizeProduct(threads, panelFloats))
        return (splitsRows(threads) ? .sizeProduct(unfolded, threads) : unfolded) + panels
    }

    /// Floats of a block of windows: a multiple of a cache line.
    private func unfoldedFloats(_ threads: Int) -> Int { .sizeProduct(blockRows(threads), geometry.taps).cacheLines }
    /// Floats that a thread packs weights in.
    private var panelFloats: Int {
        repacks ? PackedProduct.scratch(n: geometry.outChannels, k: geometry.taps).cacheLines : 0
    }

    /// y (rows x outChannels) = unfold(x) * weights^T (+ y where `adds`), then `finish` on every part of it.
    func run(
        _ x: UnsafePointer<Float>, _ weights: ProductWeights, into y: UnsafeMutablePointer<Float>, adds: Bool = false,
        scratch: UnsafeMutablePointer<Float>, threads: Threads, finish: Finish?
    ) {
        switch weights {
        case .panels(let product):
            run(x, product, into: y, adds: adds, scratch: scratch, threads: threads, finish: finish)
        case .rows(let weights):
            let weights = weights.storage
            withExtendedLifetime(weights) {
                run(x, weights.base, into: y, adds: adds, scratch: scratch, threads: threads, finish: finish)
            }
        }
    }

    private func run(
        _ x: UnsafePointer<Float>, _ product: PackedProduct, into y: UnsafeMutablePointer<Float>, adds: Bool,
        scratch: UnsafeMutablePointer<Float>, threads: Threads, finish: Finish?
    ) {
        let g = geometry
        let (block, unfoldedFloats) = (blockRows(threads.count), unfoldedFloats(threads.count))
        guard splitsRows(threads.count) else {
            threads.split(rows, grain: 8) { unfold(x, $0, group: 0, into: scratch + $0.lowerBound * g.taps) }
            return product.multiply(
                m: rows, scratch, into: y, adds: adds, scratch: scratch + unfoldedFloats, threads: threads,
                finish: finish)
        }
        let parts = min(threads.count, max(1, rows / 16))
        threads.each(parts) { part in
            let unfolded = scratch + part * (unfoldedFloats + panelFloats)
            let end = rows * (part + 1) / parts
            for start in stride(from: rows * part / parts, to: end, by: block) {
                let range = start..<min(end, start + block)
                unfold(x, range, group: 0, into: unfolded)
                product.multiply(
                    m: range.count, unfolded, into: y + start * g.outChannels, adds: adds,
                    scratch: unfolded + unfoldedFloats, threads: Threads(count: 1), finish: finish, row: start)
            }
        }
    }

    /// Rows of a block that OpenBLAS multiplies. What it multiplies at a time does not depend on the threads, as its
    /// numbers depend on it.
    private var sharedBlock: Int { min(rows, max(48, (1 << 15) / geometry.taps)) }

    /// By OpenBLAS: threads share the blocks, or, where these are few, the groups of each.
    private func run(
        _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool,
        scratch: UnsafeMutablePointer<Float>, threads: Threads, finish: Finish?
    ) {
        let g = geometry, block = sharedBlock, blocks = (rows + block - 1) / block
        func multiply(_ block: Range<Int>, groups: Range<Int>, unfolded: UnsafeMutablePointer<Float>) {
            for group in groups {
                unfold(x, block, group: group, into: unfolded)
                Gemm.multiply(
                    m: block.count, n: g.groupOut, k: g.taps, unfolded, g.taps, weights + group * g.groupOut * g.taps,
                    g.taps, transposed: true, into: y + block.lowerBound * g.outChannels + group * g.groupOut,
                    g.outChannels, beta: adds ? 1 : 0)
            }
        }
        func range(_ index: Int) -> Range<Int> { index * block..<min(rows, (index + 1) * block) }
        let isByBlock = blocks >= threads.count || g.groups == 1
        let parts = min(threads.count, isByBlock ? blocks : g.groups)
        for some in isByBlock ? [0..<blocks] : (0..<blocks).map({ $0..<$0 + 1 }) {
            threads.each(parts) { part in
                let unfolded = scratch + part * block * g.taps
                func share(_ count: Int) -> Range<Int> { count * part / parts..<count * (part + 1) / parts }
                for index in isByBlock ? share(blocks) : some {
                    multiply(range(index), groups: isByBlock ? 0..<g.groups : share(g.groups), unfolded: unfolded)
                    if isByBlock { finish?(range(index), 0..<g.outChannels) }
                }
            }
            if !isByBlock { finish?(range(some.lowerBound), 0..<g.outChannels) }
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
