import CKernels

/// The weights of Winograd's products: G g G^T of every filter, 16 or 36 planes of outChannels x inChannels, in panels
/// where the processor has kernels for them. They take up to four times the memory of the filters, and about as long to
/// make as a thousand output pixels: where a network runs only once or twice they are made at every product, a panel at
/// a time, in scratch memory that stays near. Numbers are the same.
struct WinogradFilters: Sendable {
    private let filters: Filters
    /// Output pixels along the edge of a tile: 2 or 4.
    let tile: Int
    /// nil: made at every product.
    private let kept: PackedWeights?
    /// Of the panels; where there are none, float32.
    let precision: Precision

    /// - Parameter preparation: where the processor has no kernels for panels, they are kept in any case.
    init(_ filters: Filters, tile: Int, _ preparation: Preparation) {
        (self.filters, self.tile, precision) = (filters, tile, preparation.precision)
        kept =
            preparation.packsInAdvance || !filters.geometry.packs ? Self.transform(filters, tile, preparation) : nil
    }

    /// What is prepared before a product.
    var packed: PackedWeights { kept ?? filters.source }

    /// The planes, each of `planeSize` floats, where they are kept and prepared.
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

    /// Channels of a panel that are transformed at a time: as many as stay near.
    private static func channelsAtATime(_ g: ConvolutionGeometry) -> Int {
        g.packs ? min(g.inChannels, 64) : g.inChannels
    }

    /// Floats of scratch memory that a panel's transforms take: some filters, and all transforms.
    static func panelScratch(_ g: ConvolutionGeometry, tile: Int) -> Int {
        (.sizeProduct(9, width, channelsAtATime(g)) + .sizeProduct(planes(tile), width, g.inChannels) + planes(tile)
            * gap)
            .cacheLines
    }

    /// Inputs of a tile, each of which is multiplied with a plane of weights.
    static func planes(_ tile: Int) -> Int { (tile + 2) * (tile + 2) }

    /// Floats between the planes of a panel: a power of two from one to the next would have them share a few lines of the
    /// cache.
    private static let gap = 16

    /// Makes the transforms of a panel, and calls `body` with each plane's number and its panel, or, where nothing is
    /// packed, its rows.
    ///
    /// - Parameter scratch: `panelScratch`.
    func transform(panel: Int, _ scratch: UnsafeMutablePointer<Float>, body: (Int, UnsafePointer<Float>) -> Void) {
        let (channels, outputs) = (filters.geometry.inChannels, Self.outputs(ofPanel: panel, filters.geometry))
        let size = Self.width * channels, stride = size + Self.gap
        let most = Self.channelsAtATime(filters.geometry), transformed = scratch + 9 * Self.width * most
        if filters.geometry.packs {
            // The transform is elementwise, so that packed filters are transformed as they lie.
            for first in Swift.stride(from: 0, to: channels, by: most) {
                let part = first..<min(first + most, channels)
                filters.pack(outputs, part, into: scratch)
                gradcam_winograd_filters(
                    tile, scratch, part.count * Self.width, transformed + first * Self.width, stride)
            }
        } else {
            filters.write(outputs, into: scratch)
            for row in 0..<outputs.count {
                gradcam_winograd_filters(
                    tile, scratch + row * 9 * channels, channels, transformed + row * channels, stride)
            }
        }
        for index in 0..<Self.planes(tile) {
            let plane = transformed + index * stride
            precision.split(plane, k: channels)
            body(index, plane)
        }
    }

    private static func transform(_ filters: Filters, _ tile: Int, _ preparation: Preparation) -> PackedWeights {
        let (geometry, threads) = (filters.geometry, preparation.threads)
        let (plane, panels, own) = (planeSize(geometry), panels(geometry), panelScratch(geometry, tile: tile))
        let count = Int.sizeProduct(planes(tile), plane)
        let all = Int.sizeProduct(own, min(threads.count, panels)), size = width * geometry.inChannels
        return PackedWeights(count: count, transient: all) { limit throws(MemoryShortage) in
            let memory = try Memory.allocate(all, within: limit, for: "packed weights")
            defer { Memory.release(memory, all) }
            let each = WinogradFilters(filters, tile, preparation.precision)
            return try FloatStorage(count: count, within: limit, for: "packed weights") { target in
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
    private init(_ filters: Filters, _ tile: Int, _ precision: Precision) {
        (self.filters, self.tile, kept, self.precision) = (filters, tile, nil, precision)
    }
}
