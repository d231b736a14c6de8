/// A convolution over channels-last maps.
struct ConvolutionGeometry: Hashable, Sendable {
    let window: Window
    let inChannels, outChannels, groups: Int

    var groupIn: Int { inChannels / groups }
    var groupOut: Int { outChannels / groups }
    /// Numbers under one window in one group: the product's inner extent.
    var taps: Int { window.kernelHeight * window.kernelWidth * groupIn }

    /// Whether every output pixel is a product of one input pixel at the same place.
    var isPointwise: Bool {
        window.kernel == (1, 1) && window.strideY == 1 && window.strideX == 1 && groups == 1
            && window.padTop == 0 && window.padLeft == 0 && window.inArea == window.outArea
            && window.outHeight == window.inHeight
    }

    var isDepthwise: Bool { groups == inChannels && outChannels == inChannels && groups > 1 }

    /// The convolution that carries the gradient back from output to input (weights turned around), where there is one:
    /// stride 1 and no more padding than the window spans.
    var transposed: ConvolutionGeometry? {
        let top = window.dilationY * (window.kernelHeight - 1) - window.padTop
        let left = window.dilationX * (window.kernelWidth - 1) - window.padLeft
        guard window.strideY == 1, window.strideX == 1, top >= 0, left >= 0 else { return nil }
        return ConvolutionGeometry(
            window: Window(
                kernel: window.kernel, dilation: (window.dilationY, window.dilationX), padTop: top, padLeft: left,
                input: (window.outHeight, window.outWidth), output: (window.inHeight, window.inWidth)),
            inChannels: outChannels, outChannels: inChannels, groups: groups)
    }
}

/// Weights in the order that the products read: [outChannels][kernel y][kernel x][channels of the group].
enum PackedWeights {
    /// From ONNX's [outChannels][channels of the group][kernel y][kernel x].
    static func forward(_ w: UnsafePointer<Float>, _ g: ConvolutionGeometry, threads: Threads) -> FloatStorage {
        let area = g.window.kernelHeight * g.window.kernelWidth
        return FloatStorage(count: g.outChannels * g.taps) { packed in
            threads.split(g.outChannels, grain: max(1, 8192 / g.taps)) { outputs in
                for o in outputs {
                    let source = w + o * g.taps
                    let target = packed + o * g.taps
                    for tap in 0..<area { for i in 0..<g.groupIn { target[tap * g.groupIn + i] = source[i * area + tap] } }
                }
            }
        }
    }

    /// Turned around for the gradient: [inChannels][kernel y reversed][kernel x reversed][output channels of the group].
    static func transposed(_ w: UnsafePointer<Float>, _ g: ConvolutionGeometry, threads: Threads) -> FloatStorage {
        let area = g.window.kernelHeight * g.window.kernelWidth
        return FloatStorage(count: g.outChannels * g.taps) { packed in
            threads.split(g.inChannels, grain: max(1, 8192 / (area * g.groupOut))) { inputs in
                for input in inputs {
                    let (group, i) = input.quotientAndRemainder(dividingBy: g.groupIn)
                    let target = packed + input * area * g.groupOut
                    for tap in 0..<area {
                        for o in 0..<g.groupOut {
                            target[tap * g.groupOut + o] = w[((group * g.groupOut + o) * g.groupIn + i) * area + area - 1 - tap]
                        }
                    }
                }
            }
        }
    }

    /// For one filter a channel: [kernel y][kernel x][channels].
    static func depthwise(_ w: UnsafePointer<Float>, _ g: ConvolutionGeometry) -> FloatStorage {
        let area = g.window.kernelHeight * g.window.kernelWidth
        return FloatStorage((0..<area * g.inChannels).map { w[($0 % g.inChannels) * area + $0 / g.inChannels] })
    }
}
