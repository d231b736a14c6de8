import CKernels

/// The maximum under a sliding window. https://onnx.ai/onnx/operators/onnx__MaxPool.html
/// The gradient goes to the first maximum in row-major order, as in PyTorch.
struct MaxPool: Operator, Kernel {
    let window: Window
    let channels, maps: Int
    let outputShapes: [Shape]
    let gradientReads: GradientReads = [.operands, .outputs]

    init(_ node: NodeReader) throws(OperatorFault) {
        let input = try node.shape(0)
        if node.node.opType == "GlobalMaxPool" {
            guard input.rank == 4 else { throw .shape("\(input) is not a map") }
            window = Window(
                kernel: (input[2], input[3]), padTop: 0, padLeft: 0, input: (input[2], input[3]), output: (1, 1))
        } else {
            window = try Window(node, input: input, kernel: try node.ints("kernel_shape") ?? [])
        }
        guard node.node.outputs.dropFirst().allSatisfy(\.isEmpty) else {
            throw .shape("its second output, the indices of the maxima, is not supported")
        }
        if try node.int("storage_order", default: 0) != 0 { throw .attribute("storage_order", "1") }
        (maps, channels) = (input[0], input[1])
        outputShapes = [Shape([maps, channels, window.outHeight, window.outWidth])]
    }

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.channelsLast(arriving) }

    func kernel() -> any Kernel { MapBatch.wrap(self, maps: maps) }

    func forward(_ pass: ForwardPass) {
        let w = window
        pass.threads.split(pass.images * w.outHeight) { lines in
            for line in lines {
                let (image, oy) = line.quotientAndRemainder(dividingBy: w.outHeight)
                for ox in 0..<w.outWidth {
                    let y = pass.output.image(image) + (oy * w.outWidth + ox) * channels
                    y.update(repeating: -.infinity, count: channels)
                    w.forEachPixel(oy, ox) { pixel in
                        let x = pass.input.image(image) + pixel * channels
                        gradcam_maximum(y, x, channels)
                    }
                }
            }
        }
    }

    func gradient(_ pass: GradientPass) {
        guard let dx = pass.dOperands[0] else { return }
        let w = window
        // Windows overlap: every thread owns some rows of the operand, and looks for the maxima of all windows that
        // reach these.
        pass.threads.split(w.inHeight) { owned in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: channels) { rest in
                let rest = rest.baseAddress!
                for line in 0..<pass.images * w.outHeight {
                    let (image, oy) = line.quotientAndRemainder(dividingBy: w.outHeight)
                    guard
                        w.rows(at: oy).contains(where: { owned.contains(oy * w.strideY - w.padTop + $0 * w.dilationY) })
                    else { continue }
                    for ox in 0..<w.outWidth {
                        let pixel = (oy * w.outWidth + ox) * channels
                        rest.update(from: pass.dOutput.image(image) + pixel, count: channels)
                        w.forEachPixel(oy, ox) { tap in
                            let target = owned.contains(tap / w.inWidth) ? dx.image(image) + tap * channels : nil
                            gradcam_maximum_gradient(
                                target, rest, pass.operands[0].image(image) + tap * channels,
                                pass.outputs[0].image(image) + pixel, channels)
                        }
                    }
                }
            }
        }
    }
}
