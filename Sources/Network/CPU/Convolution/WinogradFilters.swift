import CKernels

/// The weights of Winograd's products: G g G^T of every filter, 36 planes of outChannels x inChannels, in panels where the
/// processor has kernels for them. They take four times the memory of the filters, and about as long to make as a
/// thousand output pixels: where a network runs only once or twice they are made at every product, a panel at a time, in
/// scratch memory that stays near. Numbers are the same.
struct WinogradFilters: Sendable {
    private let filters: Filters
    /// nil: made at every product.
    private let kept: PackedWeights?
    /// Of the panels; where there are none, float32.
    let precision: Precision

    typealias Lanes = SIMD8<Float>
    private typealias Six = (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes)

    /// - Parameter preparation: where the processor has no kernels for panels, they are kept in any case.
    init(_ filters: Filters, _ preparation: Preparation) {
        (self.filters, precision) = (filters, preparation.precision)
        kept =
            preparation.packsInAdvance || !filters.geometry.packs ? Self.transform(filters, preparation) : nil
    }

    /// What is prepared before a product.
    var packed: PackedWeights { kept ?? filters.source }

    /// The 36 planes, each of `planeSize` floats, where they are kept and prepared.
    var planes: FloatStorage? { kept?.storage }

    /// Floats of one of the planes.
    static func planeSize(_ g: ConvolutionGeometry) -> Int {
        g.packs ? PackedProduct.size(n: g.outChannels, k: g.inChannels) : .sizeProduct(g.outChannels, g.inChannels)
    }

    private static var width: Int { PackedProduct.width > 0 ? PackedProduct.width : 8 }

    static func panels(_ g: ConvolutionGeometry) -> Int { (g.outChannels + width - 1) / width }

    static func outputs(ofPanel panel: Int, _ g: ConvolutionGeometry) -> Range<Int> {
        panel * width..<min((panel + 1) * width, g.outChannels)
    }

    /// Floats of scratch memory that a panel's transforms take: filters, and their transforms.
    static func panelScratch(_ g: ConvolutionGeometry) -> Int {
        (.sizeProduct(9 + 36, width, g.inChannels) + 36 * gap).cacheLines
    }

    /// Floats between the planes of a panel: a power of two from one to the next would have them share a few lines of the
    /// cache.
    private static let gap = 16

    /// Makes the transforms of a panel, and calls `body` with each plane's number and its panel.
    ///
    /// - Parameter scratch: `panelScratch`.
    func transform(panel: Int, _ scratch: UnsafeMutablePointer<Float>, body: (Int, UnsafePointer<Float>) -> Void) {
        let (channels, outputs) = (filters.geometry.inChannels, Self.outputs(ofPanel: panel, filters.geometry))
        let size = Self.width * channels, stride = size + Self.gap
        let (taps, transformed) = (scratch, scratch + 9 * size)
        if filters.geometry.packs {
            // Numbers of a panel are transformed where they lie: each plane is one, too.
            filters.pack(outputs, into: taps)
            Self.transform(taps, into: transformed, size, plane: stride)
        } else {
            filters.write(outputs, into: taps)
            for row in 0..<outputs.count {
                Self.transform(
                    taps + row * 9 * channels, into: transformed + row * channels, channels, plane: stride)
            }
        }
        for index in 0..<36 {
            let plane = transformed + index * stride
            if filters.geometry.packs { precision.split(plane, k: channels) }
            body(index, plane)
        }
    }

    private static func transform(_ filters: Filters, _ preparation: Preparation) -> PackedWeights {
        let (geometry, threads) = (filters.geometry, preparation.threads)
        let (plane, panels, own) = (planeSize(geometry), panels(geometry), panelScratch(geometry))
        let all = Int.sizeProduct(own, min(threads.count, panels)), size = width * geometry.inChannels
        return PackedWeights(count: .sizeProduct(36, plane), transient: all) { limit throws(MemoryShortage) in
            let memory = try Memory.allocate(all, within: limit, for: "packed weights")
            defer { Memory.release(memory, all) }
            let each = WinogradFilters(filters, preparation.precision)
            return try FloatStorage(count: 36 * plane, within: limit, for: "packed weights") { target in
                threads.parts(panels) { part, panels in
                    for panel in panels {
                        // Of the last panel the outputs that there are, where it is not packed.
                        let count =
                            geometry.packs ? size : outputs(ofPanel: panel, geometry).count * geometry.inChannels
                        each.transform(panel: panel, memory + part * own) { index, weights in
                            (target + index * plane + panel * size).update(from: weights, count: count)
                        }
                    }
                }
            }
        }
    }

    /// Made at every product.
    private init(_ filters: Filters, _ precision: Precision) {
        (self.filters, kept, self.precision) = (filters, nil, precision)
    }

    /// G g G^T of `count` filters, a multiple of 8, whose numbers at a tap lie side by side, tap after tap; number i of
    /// the 36 goes to `target + i * plane`.
    private static func transform(
        _ filters: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, _ count: Int, plane: Int
    ) {
        withUnsafeTemporaryAllocation(of: Lanes.self, capacity: 18) { half in
            for c in stride(from: 0, to: count, by: 8) {
                let source = UnsafeRawPointer(filters + c)
                for j in 0..<3 {
                    @inline(__always) func w(_ i: Int) -> Lanes {
                        source.loadUnaligned(fromByteOffset: (3 * i + j) * count * 4, as: Lanes.self)
                    }
                    let t = filterTransform(w(0), w(1), w(2))
                    half[j] = t.0; half[3 + j] = t.1; half[6 + j] = t.2
                    half[9 + j] = t.3; half[12 + j] = t.4; half[15 + j] = t.5
                }
                let out = UnsafeMutableRawPointer(target + c)
                for i in 0..<6 {
                    store(filterTransform(half[3 * i], half[3 * i + 1], half[3 * i + 2]), to: out, row: i, plane: plane)
                }
            }
        }
    }

    /// Puts six numbers of row `row` of the 36 into their planes.
    @inline(__always)
    private static func store(_ t: Six, to out: UnsafeMutableRawPointer, row: Int, plane: Int) {
        out.storeBytes(of: t.0, toByteOffset: (6 * row) * plane * 4, as: Lanes.self)
        out.storeBytes(of: t.1, toByteOffset: (6 * row + 1) * plane * 4, as: Lanes.self)
        out.storeBytes(of: t.2, toByteOffset: (6 * row + 2) * plane * 4, as: Lanes.self)
        out.storeBytes(of: t.3, toByteOffset: (6 * row + 3) * plane * 4, as: Lanes.self)
        out.storeBytes(of: t.4, toByteOffset: (6 * row + 4) * plane * 4, as: Lanes.self)
        out.storeBytes(of: t.5, toByteOffset: (6 * row + 5) * plane * 4, as: Lanes.self)
    }

    @inline(__always)
    private static func filterTransform(_ g0: Lanes, _ g1: Lanes, _ g2: Lanes) -> Six {
        // Factors, as a division takes many times longer.
        let (sixth, twelfth, twentyFourth): (Float, Float, Float) = (1 / 6, 1 / 12, 1 / 24)
        let (even, wide) = (g0 + g2, twentyFourth * g0 + sixth * g2)
        let (odd, mid) = (g1, twelfth * g1)
        return (0.25 * g0, -sixth * (even + odd), -sixth * (even - odd), wide + mid, wide - mid, g2)
    }
}
