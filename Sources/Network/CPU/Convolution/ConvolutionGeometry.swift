import CKernels

extension ConvolutionGeometry {
    /// The window over one group's channels, as the C kernels take it.
    var slidingWindow: gradcam_sliding_window {
        gradcam_sliding_window(
            channels: inChannels, run: groupIn, in_height: window.inHeight, in_width: window.inWidth,
            out_width: window.outWidth,
            kernel_height: window.kernelHeight, kernel_width: window.kernelWidth, stride_y: window.strideY,
            stride_x: window.strideX,
            dilation_y: window.dilationY, dilation_x: window.dilationX, pad_top: window.padTop, pad_left: window.padLeft
        )
    }

    /// Whether every output pixel is a product of one input pixel at the same place.
    var isPointwise: Bool {
        window.kernel == (1, 1) && window.strideY == 1 && window.strideX == 1 && groups == 1
            && window.padTop == 0 && window.padLeft == 0 && window.inArea == window.outArea
            && window.outHeight == window.inHeight
    }

    /// Whether its products are of packed weights; else OpenBLAS multiplies, group by group.
    var packs: Bool { groups == 1 && PackedProduct.width > 0 }

    var isDepthwise: Bool { groups == inChannels && outChannels == inChannels && groups > 1 }

    /// The convolution that carries the gradient back from output to input (weights turned around), where there is one:
    /// stride 1 and no more padding than the window spans.
    var transposed: ConvolutionGeometry? {
        let top = window.dilationY * (window.kernelHeight - 1) - window.padTop
        let left = window.dilationX * (window.kernelWidth - 1) - window.padLeft
        guard window.strideY == 1, window.strideX == 1, top >= 0, left >= 0 else { return nil }
        return ConvolutionGeometry(
            window: Window(
                kernel: [window.kernelHeight, window.kernelWidth], dilations: [window.dilationY, window.dilationX],
                pads: [top, left, top, left], input: [window.outHeight, window.outWidth],
                output: [window.inHeight, window.inWidth]),
            inChannels: outChannels, outChannels: inChannels, groups: groups)
    }
}
