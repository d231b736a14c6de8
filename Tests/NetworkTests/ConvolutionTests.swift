import ONNX
import Testing
import TestSupport

@testable import Network

/// Every convolution algorithm, forward and gradient, against the definition, on geometries drawn by chance (the same
/// ones every time).
struct ConvolutionTests {
    struct Draw: Sendable, CustomTestStringConvertible {
        let algorithm: ConvolutionAlgorithm
        let number: Int
        var testDescription: String { "\(algorithm.rawValue) \(number)" }
    }

    static let draws = [ConvolutionAlgorithm.pointwise, .depthwise, .im2col, .winograd, .winograd2].flatMap {
        algorithm in
        (0..<12).map { Draw(algorithm: algorithm, number: $0) }
    }

    @Test(arguments: draws)
    func agreesWithTheDefinition(_ draw: Draw) throws {
        var generator = Generator(state: UInt64(draw.number + 1))
        let sample = try Sample(draw.algorithm, &generator)
        let geometry = sample.conv.geometry
        let preparations = [1, 1000].flatMap { images in
            CPU.precisions.map { precision in
                Preparation(
                    expectedImages: images, transforms: precision != .bf16, precision: precision,
                    threads: Threads(count: 2))
            }
        }
        for preparation in preparations {
            let kernel = sample.conv.kernel(KernelSite(preparation: preparation))
            let chosen = ConvolutionAlgorithm.choose(
                geometry, images: sample.images, transforms: preparation.transforms)
            #expect(kernel.algorithmName(images: sample.images).hasPrefix(chosen.rawValue))
            let (y, dx) = try sample.run(kernel, threads: Threads(count: 3))
            let (expectedY, expectedDx) = sample.byDefinition()
            // Winograd's transforms multiply rounding errors by up to some ten.
            let rounding: Float = [.float32: 5e-5, .bf16x3: 5e-4, .bf16: 0.2][preparation.precision]!
            let tolerance = chosen.tile != nil ? 10 * rounding : rounding
            #expect(maxDifference(y, expectedY) <= tolerance, "\(chosen), \(geometry), forward")
            #expect(maxDifference(dx, expectedDx) <= tolerance, "\(chosen), \(geometry), gradient")
        }
        #expect(
            ConvolutionAlgorithm.choose(geometry, images: sample.images) == draw.algorithm,
            "the draw is to reach every algorithm")
    }
}

/// SplitMix64 (Steele et al., "Fast splittable pseudorandom number generators", OOPSLA 2014).
private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// A convolution with images and incoming gradients; maps are [image][y][x][channel].
private struct Sample {
    let conv: Conv
    let input: Shape
    let images: Int
    let weights, bias, x, dy: [Float]

    init(_ algorithm: ConvolutionAlgorithm, _ generator: inout Generator) throws {
        func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
        func pair(_ range: ClosedRange<Int>) -> [Int] { [draw(range), draw(range)] }
        var (kernel, stride, dilation, pads, groups) = ([1, 1], [1, 1], [1, 1], [0, 0, 0, 0], 1)
        var (size, inChannels, outChannels) = (pair(7...14), draw(1...40), draw(1...70))
        var count: Int?
        switch algorithm {
        case .pointwise: break
        case .depthwise, .im2col:
            (kernel, stride, dilation) = (pair(1...4), pair(2...3), pair(1...2))
            if draw(0...1) == 1 { stride = [1, 1] }
            if algorithm == .depthwise {
                inChannels += 1
                (groups, outChannels) = (inChannels, inChannels)
            } else {
                if kernel == [1, 1] { kernel = [1, 2] }
                // Several filters a group, or several channels: else it would be depthwise.
                groups = [1, 1, 2, 3].randomElement(using: &generator)!
                (inChannels, outChannels) = (groups * draw(1...9), groups * draw(2...17))
                if groups == 1, kernel == [3, 3], inChannels % 8 == 0 { inChannels += 1 }
            }
            pads = pair(0...1) + pair(0...1)
        case .winograd:
            (kernel, pads, size) = ([3, 3], pair(0...1) + pair(0...1), pair(13...23))
            (inChannels, outChannels) = (8 * draw(1...4), 8 * draw(1...5))
        case .winograd2:
            // Few pixels, of one image or several.
            count = draw(1...3)
            (kernel, pads, size) = ([3, 3], pair(0...1) + [1, 1], pair([8...9, 6...7, 5...5][count! - 1]))
            (inChannels, outChannels) = (8 * draw(1...20), 8 * draw(1...5))
        }
        let node = NodeDef(
            opType: "Conv", inputs: ["x", "w", "b"], outputs: ["y"],
            attributes: [
                "strides": .ints(stride.map(Int64.init)), "dilations": .ints(dilation.map(Int64.init)),
                "pads": .ints(pads.map(Int64.init)),
                "group": .int(Int64(groups)),
            ])
        func random(_ count: Int) -> [Float] { (0..<count).map { _ in Float.random(in: -1...1, using: &generator) } }
        let shape = try Shape([outChannels, inChannels / groups] + kernel)
        (images, weights, bias) = (count ?? draw(1...3), random(shape.count), random(outChannels))
        input = try Shape([1, inChannels] + size)
        conv = try Conv(
            NodeReader(
                node: node, opset: 18,
                operands: [
                    .value(0, input), .floats(shape, try FloatStorage(weights)),
                    .floats(.vector(outChannels), try FloatStorage(bias)),
                ]))
        x = random(images * inChannels * size[0] * size[1])
        dy = random(images * conv.outputShapes[0].count)
    }

    /// Output, and the gradient at the input, by a kernel.
    func run(_ kernel: any Kernel, threads: Threads) throws -> (y: [Float], dx: [Float]) {
        for isGradient in [false, true] {
            for weights in kernel.weights(images: images, gradient: isGradient) {
                try weights.prepare(within: .standard)
            }
        }
        let shapes = (x: input, y: conv.outputShapes[0])
        var (x, y, dx, dy) = (x, [Float](repeating: .nan, count: dy.count), [Float](repeating: 1, count: x.count), dy)
        var scratch = [Float](repeating: .nan, count: max(1, kernel.scratch(images: images, threads: threads.count)))
        func view(_ base: UnsafeMutableBufferPointer<Float>, _ shape: Shape) -> TensorView {
            TensorView(base: base.baseAddress!, shape: shape, layout: .channelsLast, imageStride: shape.count)
        }
        x.withUnsafeMutableBufferPointer { x in
            y.withUnsafeMutableBufferPointer { y in
                dx.withUnsafeMutableBufferPointer { dx in
                    dy.withUnsafeMutableBufferPointer { dy in
                        scratch.withUnsafeMutableBufferPointer { scratch in
                            let (input, output) = (view(x, shapes.x), view(y, shapes.y))
                            kernel.forward(
                                ForwardPass(
                                    images: images, operands: [input], outputs: [output], scratch: scratch.baseAddress!,
                                    threads: threads))
                            kernel.gradient(
                                GradientPass(
                                    images: images, operands: [input], outputs: [output],
                                    dOutputs: [view(dy, shapes.y)], dOperands: [view(dx, shapes.x)],
                                    rule: .plain, scratch: scratch.baseAddress!, threads: threads))
                        }
                    }
                }
            }
        }
        return (y, dx.map { $0 - 1 }) // gradients are added to what stands there
    }

    /// The same, sum by sum: y[o, p] = b[o] + sum over i and taps of w[o, i, tap] x[i, p * stride + tap * dilation -
    /// pad].
    func byDefinition() -> (y: [Float], dx: [Float]) {
        let (g, w) = (conv.geometry, conv.geometry.window)
        var (y, dx) = ([Double](repeating: 0, count: dy.count), [Double](repeating: 0, count: x.count))
        for target in y.indices {
            let (o, pixel) = (target % g.outChannels, target / g.outChannels)
            let (image, py, px) = (pixel / w.outArea, pixel % w.outArea / w.outWidth, pixel % w.outWidth)
            y[target] = Double(bias[o])
            for ky in 0..<w.kernelHeight {
                for kx in 0..<w.kernelWidth {
                    let (sy, sx) = (
                        py * w.strideY + ky * w.dilationY - w.padTop, px * w.strideX + kx * w.dilationX - w.padLeft
                    )
                    guard 0..<w.inHeight ~= sy, 0..<w.inWidth ~= sx else { continue }
                    for i in 0..<g.groupIn {
                        let source =
                            ((image * w.inHeight + sy) * w.inWidth + sx) * g.inChannels + o / g.groupOut * g.groupIn + i
                        let weight = Double(weights[((o * g.groupIn + i) * w.kernelHeight + ky) * w.kernelWidth + kx])
                        y[target] += weight * Double(x[source])
                        dx[source] += weight * Double(dy[target])
                    }
                }
            }
        }
        return (y.map { Float($0) }, dx.map { Float($0) })
    }
}
