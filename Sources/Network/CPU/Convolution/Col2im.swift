import CKernels

/// The gradient of a convolution that has no transposed one (a stride, say): every output pixel's gradient, times the
/// weights, folded back onto the windows.
struct Col2im {
    let geometry: ConvolutionGeometry

    /// Lines of output pixels that are worked on at a time.
    private var lines: Int {
        let w = geometry.window
        return min(w.outHeight, max(1, (1 << 22) / Int.sizeProduct(w.outWidth, geometry.taps)))
    }

    /// Floats of the unfolded lines: a multiple of a cache line.
    private var unfoldedFloats: Int { .sizeProduct(lines, geometry.window.outWidth, geometry.taps).cacheLines }

    /// - Parameter repacks: whether the weights are packed at every product.
    func scratch(threads: Int, repacks: Bool) -> Int {
        unfoldedFloats
            + (repacks ? .sizeProduct(threads, PackedProduct.scratch(n: geometry.taps, k: geometry.outChannels)) : 0)
    }

    /// Weights by which a pixel's gradient spreads over its window: a product's output is a tap.
    static func weights(_ filters: Filters, _ preparation: Preparation) -> ProductWeights {
        let (plain, g) = (filters.plain(threads: preparation.threads), filters.geometry)
        guard g.packs else { return .rows(plain) }
        return .panels(
            PackedProduct(
                n: g.taps, k: g.outChannels, inAdvance: preparation.packsInAdvance, precision: preparation.precision,
                threads: preparation.threads, from: plain
            ) { plain, taps, panel in
                gradcam_pack_turned_panel(
                    PackedProduct.width, panel, plain.base + taps.lowerBound, taps.count, g.outChannels, g.taps, 1)
            })
    }

    /// dx += fold(d * weights); d is images x rows x outChannels.
    func run(
        _ images: Int, _ d: UnsafePointer<Float>, _ weights: ProductWeights, into dx: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>, threads: Threads
    ) {
        let (g, w) = (geometry, geometry.window)
        for image in 0..<images {
            for first in stride(from: 0, to: w.outHeight, by: lines) {
                let some = first..<min(first + lines, w.outHeight)
                let (d, dx) = (
                    d + (image * w.outArea + first * w.outWidth) * g.outChannels, dx + image * w.inArea * g.inChannels
                )
                for group in 0..<g.groups {
                    unfolded(
                        d + group * g.groupOut, weights, group: group, rows: some.count * w.outWidth, into: scratch,
                        threads)
                    // Each thread owns a band of input rows, so no two write the same memory.
                    threads.split(w.inHeight) { owned in
                        var window = g.slidingWindow
                        gradcam_fold(
                            scratch, &window, some.lowerBound, some.upperBound, dx + group * g.groupIn,
                            owned.lowerBound, owned.upperBound)
                    }
                }
            }
        }
    }

    private func unfolded(
        _ d: UnsafePointer<Float>, _ weights: ProductWeights, group: Int, rows: Int,
        into folded: UnsafeMutablePointer<Float>,
        _ threads: Threads
    ) {
        let g = geometry
        switch weights {
        case .panels(let product):
            product.multiply(
                m: rows, d, into: folded, adds: false, scratch: folded + unfoldedFloats, threads: threads, finish: nil)
        case .rows(let weights):
            let weights = weights.storage
            withExtendedLifetime(weights) {
                Gemm.multiply(
                    m: rows, n: g.taps, k: g.groupOut, d, g.outChannels,
                    weights.base + group * g.groupOut * g.taps, g.taps, transposed: false, into: folded, g.taps,
                    threads: threads)
            }
        }
    }
}
