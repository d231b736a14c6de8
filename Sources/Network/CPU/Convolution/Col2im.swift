/// The gradient of a convolution with stride: every output pixel's gradient, times the weights, folded back onto the
/// windows. Each task owns a band of input rows and computes what falls on it, so no two write the same memory.
struct Col2im {
    let geometry: ConvolutionGeometry
    let images: Int

    /// Bands of input rows an image, at least one a thread.
    private func bands(_ threads: Int) -> Int {
        min(geometry.window.inHeight, max((threads + images - 1) / images, 1))
    }

    func scratch(threads: Int) -> Int { threads * geometry.window.outWidth * geometry.taps }

    /// dx += fold(d * weights); d is rows x outChannels, weights as `PackedWeights.forward` gives them.
    func run(
        _ d: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>, threads: Threads
    ) {
        let (g, w) = (geometry, geometry.window)
        let bands = bands(threads.count)
        let tasks = images * bands
        let lanes = min(threads.count, tasks)
        threads.each(lanes) { lane in
            let folded = scratch + lane * w.outWidth * g.taps
            for task in tasks * lane / lanes..<tasks * (lane + 1) / lanes {
                let (image, band) = task.quotientAndRemainder(dividingBy: bands)
                let owned = w.inHeight * band / bands..<w.inHeight * (band + 1) / bands
                for oy in 0..<w.outHeight {
                    let taps = w.rows(at: oy).filter { owned.contains(oy * w.strideY - w.padTop + $0 * w.dilationY) }
                    guard let first = taps.first, let last = taps.last else { continue }
                    for group in 0..<g.groups {
                        line(
                            d + (image * w.outArea + oy * w.outWidth) * g.outChannels + group * g.groupOut,
                            weights + group * g.groupOut * g.taps, rows: first...last, oy: oy,
                            into: dx + image * w.inArea * g.inChannels + group * g.groupIn, folded)
                    }
                }
            }
        }
    }

    /// One line of output pixels, the window's rows `rows` only.
    private func line(
        _ d: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, rows: ClosedRange<Int>, oy: Int,
        into dx: UnsafeMutablePointer<Float>, _ folded: UnsafeMutablePointer<Float>
    ) {
        let (g, w) = (geometry, geometry.window)
        let rowTaps = w.kernelWidth * g.groupIn
        let length = rows.count * rowTaps
        Gemm.multiply(
            m: w.outWidth, n: length, k: g.groupOut, d, g.outChannels, weights + rows.lowerBound * rowTaps, g.taps,
            transposed: false, into: folded, length)
        for ox in 0..<w.outWidth {
            for ky in rows {
                let iy = oy * w.strideY - w.padTop + ky * w.dilationY
                for kx in w.columns(at: ox) {
                    let ix = ox * w.strideX - w.padLeft + kx * w.dilationX
                    let target = dx + (iy * w.inWidth + ix) * g.inChannels
                    let source = folded + ox * length + (ky - rows.lowerBound) * rowTaps + kx * g.groupIn
                    for c in 0..<g.groupIn { target[c] += source[c] }
                }
            }
        }
    }
}
