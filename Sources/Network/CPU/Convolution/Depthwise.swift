import CKernels

/// A convolution with one filter a channel, straight from the definition along contiguous channels.
struct Depthwise {
    let geometry: ConvolutionGeometry
    let images: Int

    /// The most taps that lie on the map, filled up to whole cache lines.
    private var mostTaps: Int {
        let w = geometry.window
        return (min(w.kernelHeight, w.inHeight) * min(w.kernelWidth, w.inWidth)).cacheLines
    }

    /// The taps' places in the map and among the filters, a thread.
    func scratch(threads: Int) -> Int { threads * 2 * mostTaps * (MemoryLayout<Int>.size / MemoryLayout<Float>.size) }

    /// y = x (*) weights, then `finish(rows)` on every finished line of output pixels. Weights: [kernel y][kernel
    /// x][channels].
    func run(
        _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>, threads: Threads, finish: (Range<Int>) -> Void
    ) {
        threads.parts(images * geometry.window.outHeight) { part, lines in
            let own = scratch + part * self.scratch(threads: 1)
            own.withMemoryRebound(to: Int.self, capacity: 2 * mostTaps) { offsets in
                run(lines, x, weights, into: y, offsets: offsets, filters: offsets + mostTaps, finish: finish)
            }
        }
    }

    private func run(
        _ lines: Range<Int>, _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>,
        into y: UnsafeMutablePointer<Float>, offsets: UnsafeMutablePointer<Int>, filters: UnsafeMutablePointer<Int>,
        finish: (Range<Int>) -> Void
    ) {
        let (w, channels) = (geometry.window, geometry.inChannels)
        for line in lines {
            let (image, oy) = line.quotientAndRemainder(dividingBy: w.outHeight)
            let source = x + image * w.inArea * channels
            var ox = 0
            while ox < w.outWidth {
                // Pixels whose windows lie on the map in the same columns have the same taps.
                let columns = w.columns(at: ox)
                var end = ox + 1
                while end < w.outWidth, w.columns(at: end) == columns { end += 1 }
                var taps = 0
                for ky in w.rows(at: oy) {
                    let iy = oy * w.strideY - w.padTop + ky * w.dilationY
                    for kx in columns {
                        let ix = ox * w.strideX - w.padLeft + kx * w.dilationX
                        offsets[taps] = (iy * w.inWidth + ix) * channels
                        filters[taps] = (ky * w.kernelWidth + kx) * channels
                        taps += 1
                    }
                }
                gradcam_depthwise_line(
                    source, w.strideX * channels, offsets, weights, filters, taps, channels,
                    y + (line * w.outWidth + ox) * channels,
                    end - ox)
                ox = end
            }
            finish(line * w.outWidth..<(line + 1) * w.outWidth)
        }
    }

    /// dx += the gradient; d is the gradient at the output.
    func gradient(
        _ d: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>,
        threads: Threads
    ) {
        let (w, channels) = (geometry.window, geometry.inChannels)
        threads.split(images * w.inHeight) { lines in
            for line in lines {
                let (image, iy) = line.quotientAndRemainder(dividingBy: w.inHeight)
                for ky in 0..<w.kernelHeight {
                    let (oy, offY) = (iy + w.padTop - ky * w.dilationY).quotientAndRemainder(dividingBy: w.strideY)
                    guard offY == 0, (0..<w.outHeight).contains(oy) else { continue }
                    for ox in 0..<w.outWidth {
                        let source = d + (image * w.outArea + oy * w.outWidth + ox) * channels
                        for kx in w.columns(at: ox) {
                            let ix = ox * w.strideX - w.padLeft + kx * w.dilationX
                            let target = dx + (line * w.inWidth + ix) * channels
                            let filter = weights + (ky * w.kernelWidth + kx) * channels
                            for c in 0..<channels { target[c] += source[c] * filter[c] }
                        }
                    }
                }
            }
        }
    }
}
