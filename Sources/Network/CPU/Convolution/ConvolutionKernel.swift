/// How a convolution is computed.
enum ConvolutionAlgorithm: String, Sendable {
    case pointwise, depthwise, im2col

    /// The one place that chooses.
    static func choose(_ g: ConvolutionGeometry) -> ConvolutionAlgorithm {
        if g.isPointwise { return .pointwise }
        if g.isDepthwise { return .depthwise }
        return .im2col
    }
}

/// A convolution with its epilogue; the weights are packed once.
final class ConvolutionKernel: Kernel, @unchecked Sendable {
    let geometry: ConvolutionGeometry
    let epilogue: Epilogue
    let algorithm: ConvolutionAlgorithm
    private let raw: FloatStorage
    private let packed: FloatStorage
    private lazy var turned = geometry.transposed.map { _ in FloatStorage(PackedWeights.transposed(raw.base, geometry)) }

    init(_ conv: Conv, _ epilogue: Epilogue) {
        (geometry, self.epilogue, raw) = (conv.geometry, epilogue, conv.weights)
        algorithm = .choose(geometry)
        switch algorithm {
        case .depthwise: packed = FloatStorage(PackedWeights.depthwise(raw.base, geometry))
        case _ where geometry.window.kernel == (1, 1): packed = raw
        case .pointwise, .im2col: packed = FloatStorage(PackedWeights.forward(raw.base, geometry))
        }
    }

    var gradientReads: GradientReads { epilogue.gradientReads }

    func scratch(images: Int, threads: Int) -> Int {
        guard algorithm == .im2col else { return 0 }
        let forward = Im2col(geometry: geometry, images: images).scratch(threads: threads)
        let backward = geometry.transposed.map { Im2col(geometry: $0, images: images).scratch(threads: threads) }
            ?? Col2im(geometry: geometry, images: images).scratch(threads: threads)
        return max(forward, backward)
    }

    func forward(_ pass: ForwardPass) {
        let (x, y) = (pass.input.base, pass.output.base)
        let channels = geometry.outChannels
        let residual = epilogue.addsResidual ? pass.operands.last?.base : nil
        func finish(_ rows: Range<Int>, _ columns: Range<Int>) {
            let offset = rows.lowerBound * channels
            epilogue.apply(y + offset, rows: rows.count, stride: channels, columns: columns, residual: residual.map { UnsafePointer($0 + offset) })
        }
        switch algorithm {
        case .pointwise:
            pointwise(pass.images, x, into: y, pass.threads, finish)
        case .depthwise:
            Depthwise(geometry: geometry, images: pass.images).run(x, packed.base, into: y, threads: pass.threads) {
                finish($0, 0..<channels)
            }
        case .im2col:
            Im2col(geometry: geometry, images: pass.images).run(
                x, packed.base, into: y, scratch: pass.scratch, threads: pass.threads, finish: finish)
        }
    }

    private func pointwise(
        _ images: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, _ threads: Threads,
        _ finish: (Range<Int>, Range<Int>) -> Void
    ) {
        let (rows, n, k) = (images * geometry.window.outArea, geometry.outChannels, geometry.inChannels)
        if rows >= n {
            threads.split(rows, grain: 16) { part in
                Gemm.multiply(
                    m: part.count, n: n, k: k, x + part.lowerBound * k, k, packed.base, k, transposed: true,
                    into: y + part.lowerBound * n, n)
                finish(part, 0..<n)
            }
        } else {
            threads.split(n, grain: 16) { part in
                Gemm.multiply(
                    m: rows, n: part.count, k: k, x, k, packed.base + part.lowerBound * k, k, transposed: true,
                    into: y + part.lowerBound, n)
                finish(0..<rows, part)
            }
        }
    }

    func gradient(_ pass: GradientPass) {
        let (d, y) = (pass.dOutput.base, pass.outputs[0].base)
        let channels = geometry.outChannels
        let dResidual = epilogue.addsResidual ? pass.dOperands[pass.dOperands.count - 1]?.base : nil
        pass.threads.split(pass.images * geometry.window.outArea, grain: 64) { rows in
            let offset = rows.lowerBound * channels
            epilogue.gradient(
                d + offset, y: y + offset, rows: rows.count, channels: channels, dResidual: dResidual.map { $0 + offset }, rule: pass.rule)
        }
        guard let dx = pass.dOperands[0]?.base else { return }
        switch algorithm {
        case .pointwise:
            Gemm.multiply(
                m: pass.images * geometry.window.outArea, n: geometry.inChannels, k: channels, d, channels,
                packed.base, geometry.inChannels, transposed: false, into: dx, geometry.inChannels, beta: 1, threads: pass.threads)
        case .depthwise:
            Depthwise(geometry: geometry, images: pass.images).gradient(d, packed.base, into: dx, threads: pass.threads)
        case .im2col:
            if let transposed = geometry.transposed, let turned {
                Im2col(geometry: transposed, images: pass.images).run(
                    d, turned.base, into: dx, beta: 1, scratch: pass.scratch, threads: pass.threads) { _, _ in }
            } else {
                Col2im(geometry: geometry, images: pass.images).run(
                    d, packed.base, into: dx, scratch: pass.scratch, threads: pass.threads)
            }
        }
    }
}
