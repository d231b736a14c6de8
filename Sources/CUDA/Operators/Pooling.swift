import CCUDA
import Network

extension Window {
    /// As the kernels take it.
    var kernel: CCUDA.window {
        CCUDA.window(
            kernel_height: Int32(kernelHeight), kernel_width: Int32(kernelWidth), stride_y: Int32(strideY),
            stride_x: Int32(strideX), dilation_y: Int32(dilationY), dilation_x: Int32(dilationX),
            pad_top: Int32(padTop), pad_left: Int32(padLeft), pad_bottom: Int32(padBottom), pad_right: Int32(padRight),
            in_height: Int32(inHeight), in_width: Int32(inWidth), out_height: Int32(outHeight),
            out_width: Int32(outWidth))
    }
}

extension MaxPool: CUDAOperator {
    var gradientReads: GradientReads { [.operands, .outputs] }

    func forward(_ pass: Pass) throws(NetworkError) {
        let (x, keep) = try pass.dense(0, pass.shape(0))
        try withExtendedLifetime(keep) { () throws(NetworkError) in
            try pass.stream.launch(
                max_pool_forward(
                    count: Int64(pass.images * outputShapes[0].count), window: window.kernel, x: x, y: pass.y))
        }
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        try pass.stream.launch(
            max_pool_gradient(
                count: Int64(pass.images * pass.pass.shape(0).count), window: window.kernel, x: pass.pass.x,
                y: pass.pass.y, d: pass.d, t: t))
    }
}

extension AveragePool: CUDAOperator {
    func forward(_ pass: Pass) throws(NetworkError) {
        let (x, keep) = try pass.dense(0, pass.shape(0))
        try withExtendedLifetime(keep) { () throws(NetworkError) in
            try pass.stream.launch(
                mean_pool_forward(
                    count: Int64(pass.images * outputShapes[0].count), window: window.kernel,
                    includes_padding: includesPadding ? 1 : 0, x: x, y: pass.y))
        }
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        try pass.stream.launch(
            mean_pool_gradient(
                count: Int64(pass.images * pass.pass.shape(0).count), window: window.kernel,
                includes_padding: includesPadding ? 1 : 0, d: pass.d, t: t))
    }
}

extension LpPool: CUDAOperator {
    var gradientReads: GradientReads { [.operands, .outputs] }

    func forward(_ pass: Pass) throws(NetworkError) {
        let (x, keep) = try pass.dense(0, pass.shape(0))
        try withExtendedLifetime(keep) { () throws(NetworkError) in
            try pass.stream.launch(
                norm_pool_forward(
                    count: Int64(pass.images * outputShapes[0].count), window: window.kernel, p: p, x: x, y: pass.y))
        }
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        try pass.stream.launch(
            norm_pool_gradient(
                count: Int64(pass.images * pass.pass.shape(0).count), window: window.kernel, p: p, x: pass.pass.x,
                y: pass.pass.y, d: pass.d, t: t))
    }
}
