import Synchronization

/// How a convolution is computed.
enum ConvolutionAlgorithm: String, Sendable {
    case pointwise, depthwise, im2col
    /// By tiles of 4 x 4 output pixels, and of 2 x 2.
    case winograd, winograd2 = "winograd 2x2"

    /// The one place that chooses. Winograd's products are too flat on few pixels, and its weights then take longer to
    /// read than to multiply: those of small tiles are fewer.
    ///
    /// - Parameter images: how many images a pass holds. (How many a session will see must not count: numbers depend on
    ///   the algorithm.)
    static func choose(_ g: ConvolutionGeometry, images: Int, transforms: Bool = true) -> ConvolutionAlgorithm {
        if g.isPointwise { return .pointwise }
        if g.isDepthwise { return .depthwise }
        guard transforms, Winograd.suits(g) else { return .im2col }
        return switch g.window.outArea * images {
        case ..<leastPixels.ofSmallTiles: .im2col
        case ..<leastPixels.ofTiles: .winograd2
        default: .winograd
        }
    }

    /// Output pixels of a pass from which on Winograd's tiles pay.
    private static let leastPixels = (ofSmallTiles: 40, ofTiles: 100)

    /// Output pixels along the edge of Winograd's tiles; nil where it is another algorithm.
    var tile: Int? {
        switch self {
        case .winograd: 4
        case .winograd2: 2
        default: nil
        }
    }
}

/// A convolution's weights, packed as its algorithm reads them, and the algorithm's way to run.
private struct Product {
    private enum Weights {
        case winograd(WinogradFilters)
        case depthwise(PackedWeights)
        case im2col(ProductWeights)
        case pointwise(ProductWeights)
    }

    let geometry: ConvolutionGeometry
    private let weights: Weights
    private let repacks: Bool

    init(_ filters: Filters, _ algorithm: ConvolutionAlgorithm, _ preparation: Preparation) {
        geometry = filters.geometry
        repacks = Self.repacks(geometry, preparation)
        func matrix() -> ProductWeights {
            filters.geometry.packs
                ? .panels(filters.packed(preparation))
                : .rows(filters.plain(threads: preparation.threads))
        }
        weights =
            switch algorithm {
            case .winograd, .winograd2:
                .winograd(WinogradFilters(filters, tile: algorithm.tile!, preparation))
            case .depthwise: .depthwise(filters.depthwise())
            case .im2col: .im2col(matrix())
            case .pointwise: .pointwise(matrix())
            }
    }

    /// What is prepared before it runs.
    var packed: PackedWeights {
        switch weights {
        case .winograd(let weights): weights.packed
        case .depthwise(let weights): weights
        case .im2col(let weights), .pointwise(let weights): weights.packed
        }
    }

    static func repacks(_ geometry: ConvolutionGeometry, _ preparation: Preparation) -> Bool {
        geometry.packs && !preparation.packsInAdvance
    }

    static func scratch(
        _ geometry: ConvolutionGeometry, _ algorithm: ConvolutionAlgorithm, images: Int, threads: Int,
        _ preparation: Preparation
    ) -> Int {
        switch algorithm {
        case .depthwise: 0
        case .pointwise:
            repacks(geometry, preparation)
                ? .sizeProduct(threads, PackedProduct.scratch(n: geometry.outChannels, k: geometry.taps)) : 0
        case .im2col:
            Im2col(geometry: geometry, images: images, repacks: repacks(geometry, preparation)).scratch(
                threads: threads)
        case .winograd, .winograd2:
            Winograd(geometry: geometry, images: images, tile: algorithm.tile!).scratch(
                threads: threads, repacks: repacks(geometry, preparation))
        }
    }

    /// y = x (*) weights (+ y where `adds`), then `finish` on every part of it.
    func run(
        _ images: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool,
        scratch: UnsafeMutablePointer<Float>, threads: Threads, finish: Finish?
    ) {
        let storage = packed.storage
        defer { withExtendedLifetime(storage) {} }
        switch weights {
        case .pointwise(.panels(let product)):
            product.multiply(
                m: images * geometry.window.outArea, x, into: y, adds: adds, scratch: scratch, threads: threads,
                finish: finish)
        case .pointwise(.rows):
            pointwise(images * geometry.window.outArea, x, storage, into: y, beta: adds ? 1 : 0, threads, finish)
        case .depthwise:
            Depthwise(geometry: geometry, images: images).run(
                x, storage.base, into: y, threads: threads, finish: finish)
        case .im2col(let weights):
            Im2col(geometry: geometry, images: images, repacks: repacks).run(
                x, weights, into: y, adds: adds, scratch: scratch, threads: threads, finish: finish)
        case .winograd(let weights):
            Winograd(geometry: geometry, images: images, tile: weights.tile).run(
                x, weights, into: y, adds: adds, scratch: scratch, threads: threads, finish: finish)
        }
    }

    /// dx += the gradient of a depthwise convolution.
    func depthwiseGradient(
        _ images: Int, _ d: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, threads: Threads
    ) {
        let storage = packed.storage
        withExtendedLifetime(storage) {
            Depthwise(geometry: geometry, images: images).gradient(d, storage.base, into: dx, threads: threads)
        }
    }

    private func pointwise(
        _ rows: Int, _ x: UnsafePointer<Float>, _ weights: FloatStorage, into y: UnsafeMutablePointer<Float>,
        beta: Float,
        _ threads: Threads, _ finish: Finish?
    ) {
        let (n, k) = (geometry.outChannels, geometry.inChannels)
        if rows >= n {
            threads.split(rows, grain: Gemm.grain(row: .sizeProduct(n, k))) { part in
                Gemm.multiply(
                    m: part.count, n: n, k: k, x + part.lowerBound * k, k, weights.base, k, transposed: true,
                    into: y + part.lowerBound * n, n, beta: beta)
                finish?(part, 0..<n)
            }
        } else {
            threads.split(n, grain: Gemm.grain(row: .sizeProduct(rows, k))) { part in
                Gemm.multiply(
                    m: rows, n: part.count, k: k, x, k, weights.base + part.lowerBound * k, k, transposed: true,
                    into: y + part.lowerBound, n, beta: beta)
                finish?(0..<rows, part)
            }
        }
    }
}

/// A convolution by whichever algorithm suits a pass; each has packed weights of its own, for all sessions that share
/// it.
private final class Convolution: Sendable {
    private let filters: Filters
    private let preparation: Preparation
    private let products = Mutex<[ConvolutionAlgorithm: Product]>([:])

    init(_ filters: Filters, _ preparation: Preparation) {
        (self.filters, self.preparation) = (filters, preparation)
    }

    func algorithm(images: Int) -> ConvolutionAlgorithm {
        .choose(filters.geometry, images: images, transforms: preparation.transforms)
    }

    func product(images: Int) -> Product {
        let algorithm = algorithm(images: images)
        return products.withLock { products in
            if let ready = products[algorithm] { return ready }
            let product = Product(filters, algorithm, preparation)
            products[algorithm] = product
            return product
        }
    }

    func scratch(images: Int, threads: Int) -> Int {
        Product.scratch(filters.geometry, algorithm(images: images), images: images, threads: threads, preparation)
    }
}

extension Conv: EpilogueFusible {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.channelsLast(arriving) }

    func kernel(_ site: KernelSite) -> any Kernel {
        let weights = site.shared.weights { ConvolutionWeights(self, site.preparation) }
        return MapBatch.wrap(ConvolutionKernel(weights, site.epilogue.after(bias?.values)), maps: maps)
    }
}

/// A convolution's weights in every form that its passes take, each made before the first pass that needs it.
final class ConvolutionWeights: Sendable {
    let geometry: ConvolutionGeometry
    fileprivate let forward: Convolution
    /// The convolution that carries the gradient back, where there is one.
    fileprivate let backward: Convolution?
    /// What the windows' gradients are folded back with where there is none.
    fileprivate let folding: ProductWeights
    /// Whether weights are packed at every product.
    fileprivate let repacks: Bool
    /// Of the products; float32 where the weights are not packed, or not fit for another.
    fileprivate let precision: Precision

    init(_ conv: Conv, _ preparation: Preparation) {
        geometry = conv.geometry
        precision =
            geometry.packs ? preparation.precision.fitting(conv.weights, threads: preparation.threads) : .float32
        var preparation = preparation
        preparation.precision = precision
        let filters = Filters(conv.weights, geometry)
        forward = Convolution(filters, preparation)
        // Depthwise has a gradient of its own.
        backward =
            geometry.isDepthwise ? nil : Filters(turning: conv.weights, geometry).map { Convolution($0, preparation) }
        folding = Col2im.weights(filters, preparation)
        repacks = Product.repacks(geometry, preparation)
    }
}

/// A convolution with its epilogue.
struct ConvolutionKernel: Kernel {
    private let weights: ConvolutionWeights
    private let epilogue: Epilogue

    init(_ weights: ConvolutionWeights, _ epilogue: Epilogue) { (self.weights, self.epilogue) = (weights, epilogue) }

    private var geometry: ConvolutionGeometry { weights.geometry }
    private var forward: Convolution { weights.forward }
    private var backward: Convolution? { weights.backward }

    var gradientReads: GradientReads { epilogue.gradientReads }
    func algorithmName(images: Int) -> String {
        let (algorithm, precision) = (forward.algorithm(images: images), weights.precision)
        let depth = algorithm.tile != nil ? geometry.inChannels : geometry.taps
        let isSplit = algorithm != .depthwise && precision != .float32 && depth >= Precision.leastDepth
        return algorithm.rawValue + (isSplit ? " \(precision.rawValue)" : "")
    }
    func operations(images: Int) -> Double {
        2 * Double(images * geometry.window.outArea) * Double(geometry.outChannels) * Double(geometry.taps)
    }

    func scratch(images: Int, threads: Int) -> Int {
        let back =
            backward?.scratch(images: images, threads: threads)
            ?? Col2im(geometry: geometry).scratch(threads: threads, repacks: weights.repacks)
        return max(back, forward.scratch(images: images, threads: threads))
    }

    func weights(images: Int, gradient: Bool) -> [PackedWeights] {
        if !gradient || geometry.isDepthwise { return [forward.product(images: images).packed] }
        return [backward?.product(images: images).packed ?? weights.folding.packed]
    }

    func forward(_ pass: ForwardPass) {
        let y = pass.output.base
        let channels = geometry.outChannels
        let residual = epilogue.addsResidual ? pass.operands.last?.base : nil
        let product = forward.product(images: pass.images)
        Finish.with(epilogue, on: y, channels: channels, residual: residual.map { UnsafePointer($0) }) {
            product.run(
                pass.images, pass.input.base, into: y, adds: false, scratch: pass.scratch, threads: pass.threads,
                finish: $0)
        }
    }

    /// Of the operands after the first, only the residual has a gradient.
    func overwritesGradient(of operand: Int) -> Bool { operand > 0 || backward != nil }

    func gradient(_ pass: GradientPass) {
        let (d, y) = (pass.dOutput.base, pass.outputs[0].base)
        let channels = geometry.outChannels
        let last = pass.dOperands.count - 1
        let dResidual =
            epilogue.addsResidual
            ? pass.dOperands[last].map { GradientTarget(base: $0.base, overwrites: pass.overwritten.contains(last)) }
            : nil
        pass.threads.split(pass.images * geometry.window.outArea, grain: 64) { rows in
            let offset = rows.lowerBound * channels
            epilogue.gradient(
                d + offset, y: y + offset, rows: rows.count, channels: channels,
                dResidual: dResidual.map { $0 + offset }, rule: pass.rule)
        }
        guard let dx = pass.dOperands[0]?.base else { return }
        if geometry.isDepthwise {
            forward.product(images: pass.images).depthwiseGradient(pass.images, d, into: dx, threads: pass.threads)
        } else if let backward {
            backward.product(images: pass.images).run(
                pass.images, d, into: dx, adds: !pass.overwritten.contains(0), scratch: pass.scratch,
                threads: pass.threads, finish: nil)
        } else {
            Col2im(geometry: geometry).run(
                pass.images, d, weights.folding, into: dx, scratch: pass.scratch, threads: pass.threads)
        }
    }
}
