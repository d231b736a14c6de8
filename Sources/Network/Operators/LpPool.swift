import Platform

/// The p-norm under a sliding window: y = (sum |x|^p)^(1/p). https://onnx.ai/onnx/operators/onnx__LpPool.html
struct LpPool: Operator, Kernel {
    let window: Window
    let channels, maps: Int
    let p: Float
    let outputShapes: [Shape]
    let gradientReads: GradientReads = [.operands, .outputs]

    init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        guard input.rank == 4 else { throw .shape("\(input) is not a map") }
        if node.node.opType == "GlobalLpPool" {
            window = Window(
                kernel: (input[2], input[3]), padTop: 0, padLeft: 0, input: (input[2], input[3]), output: (1, 1))
        } else {
            window = try Window(node, input: input, kernel: try node.ints("kernel_shape") ?? [])
        }
        p = Float(try node.int("p", default: 2))
        (maps, channels) = (input[0], input[1])
        outputShapes = [Shape([maps, channels, window.outHeight, window.outWidth])]
    }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.channelsLast(arriving) }

    func kernel() -> any Kernel { MapBatch.wrap(self, maps: maps) }

    func forward(_ pass: ForwardPass) {
        let w = window
        pass.threads.split(pass.images * w.outArea) { pixels in
            for place in pixels {
                let (image, pixel) = place.quotientAndRemainder(dividingBy: w.outArea)
                let y = pass.output.image(image) + pixel * channels
                y.update(repeating: 0, count: channels)
                w.forEachPixel(pixel / w.outWidth, pixel % w.outWidth) { tap in
                    let x = pass.input.image(image) + tap * channels
                    for c in 0..<channels { y[c] += powf(abs(x[c]), p) }
                }
                for c in 0..<channels { y[c] = powf(y[c], 1 / p) }
            }
        }
    }

    /// dy/dx = sign(x) * (|x| / y)^(p - 1); 0 where all are 0.
    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0] else { return }
        let w = window
        // Windows overlap along both axes: threads share out the channels, which do not.
        pass.threads.split(channels, grain: 8) { range in
            for image in 0..<pass.images {
                for pixel in 0..<w.outArea {
                    let (d, y) = (
                        pass.dOutput.image(image) + pixel * channels, pass.outputs[0].image(image) + pixel * channels
                    )
                    w.forEachPixel(pixel / w.outWidth, pixel % w.outWidth) { tap in
                        let (x, t) = (pass.operands[0].image(image) + tap * channels, dx.image(image) + tap * channels)
                        for c in range where x[c] != 0 {
                            t[c] += (x[c] > 0 ? d[c] : -d[c]) * powf(abs(x[c]) / y[c], p - 1)
                        }
                    }
                }
            }
        }
    }
}
