import CKernels

/// A convolution with one filter a channel, straight from the definition along contiguous channels.
struct Depthwise {
    let geometry: ConvolutionGeometry
    let images: Int

    /// Channels that a thread computes at least, of a line.
    private static let grain = 64

    /// y = x (*) weights, then `finish` on every part of it. Weights: [kernel y][kernel x][channels].
    func run(
        _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
        threads: Threads, finish: Finish?
    ) {
        let (w, channels) = (geometry.window, geometry.inChannels)
        let parts = (channels + Self.grain - 1) / Self.grain
        threads.split(images * w.outHeight * parts) { share in
            var (window, next) = (geometry.slidingWindow, share.lowerBound)
            while next < share.upperBound {
                let (line, part) = next.quotientAndRemainder(dividingBy: parts)
                let some = part..<min(parts, part + share.upperBound - next)
                let (first, end) = (some.lowerBound * Self.grain, min(channels, some.upperBound * Self.grain))
                let (image, oy) = line.quotientAndRemainder(dividingBy: w.outHeight)
                func run(_ epilogue: UnsafePointer<gradcam_epilogue>?) {
                    gradcam_depthwise_line(
                        x + image * w.inArea * channels, &window, oy, first, end - first, weights,
                        y + line * w.outWidth * channels, epilogue)
                }
                if let finish {
                    withUnsafePointer(to: finish.part(row: line * w.outWidth, column: 0), run)
                } else {
                    run(nil)
                }
                next += some.count
            }
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
