import CKernels

/// A 3 x 3 convolution of stride 1 by F(4 x 4, 3 x 3): 36 products over tiles of 6 x 6 inputs instead of 9 over every
/// pixel, which takes a quarter of the multiplications. Channels in and out are multiples of 8.
///
/// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016, section 4.1.
struct Winograd {
    let geometry: ConvolutionGeometry
    let images: Int

    typealias Lanes = SIMD8<Float>

    static func suits(_ g: ConvolutionGeometry) -> Bool {
        let w = g.window
        return w.kernel == (3, 3) && (w.strideY, w.strideX, w.dilationY, w.dilationX) == (1, 1, 1, 1) && g.groups == 1
            && g.inChannels % 8 == 0 && g.outChannels % 8 == 0
    }

    /// Floats of one of the 36 planes of weights.
    private var planeSize: Int { Self.planeSize(geometry) }
    private static func planeSize(_ g: ConvolutionGeometry) -> Int {
        PackedProduct.width > 0 ? PackedProduct.size(n: g.outChannels, k: g.inChannels)
            : .sizeProduct(g.outChannels, g.inChannels)
    }

    private var tilesX: Int { (geometry.window.outWidth + 3) / 4 }
    private var tilesPerImage: Int { (geometry.window.outHeight + 3) / 4 * tilesX }
    private var tiles: Int { images * tilesPerImage }
    /// Tiles that are worked on at a time: as many as keep their transforms near the processor.
    private var block: Int { min(tiles, max(96, (4 << 20) / (36 * (geometry.inChannels + geometry.outChannels)))) }

    func scratch() -> Int { .sizeProduct(36, block, geometry.inChannels + geometry.outChannels) }

    /// y = x (*) weights (+ y where `adds`), then `finish` on every finished run of output pixels. Weights:
    /// `transform`'s.
    func run(
        _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
        adds: Bool = false,
        scratch: UnsafeMutablePointer<Float>, threads: Threads, finish: (Range<Int>) -> Void
    ) {
        let (channels, outputs, block) = (geometry.inChannels, geometry.outChannels, block)
        let inputs = scratch // [36][block][channels]
        let products = scratch + 36 * block * channels // [36][block][outputs]
        for start in stride(from: 0, to: tiles, by: block) {
            let count = min(block, tiles - start)
            threads.split(count) {
                for tile in $0 {
                    gather(x, tile: start + tile, into: inputs + tile * channels, plane: block * channels)
                }
            }
            // Few tiles: a task a product; many: two, so that the last ones to finish are short.
            let parts = count >= 256 ? 2 : 1
            threads.each(36 * parts) { task in
                let (index, part) = task.quotientAndRemainder(dividingBy: parts)
                let (first, end) = (count * part / parts, count * (part + 1) / parts)
                let (from, to) = (
                    inputs + (index * block + first) * channels, products + (index * block + first) * outputs
                )
                let filter = weights + index * planeSize
                if PackedProduct.width > 0 {
                    gradcam_packed_product(
                        from, channels, filter, to, outputs, end - first, outputs, channels, false)
                } else {
                    Gemm.multiply(
                        m: end - first, n: outputs, k: channels, from, channels, filter, channels, transposed: true,
                        into: to, outputs)
                }
            }
            threads.split(count) {
                for tile in $0 {
                    scatter(
                        products + tile * outputs, plane: block * outputs, tile: start + tile, into: y, adds: adds,
                        finish: finish)
                }
            }
        }
    }

    /// The output pixel at a tile's upper left corner.
    private func origin(of tile: Int) -> (image: Int, y: Int, x: Int) {
        let (image, rest) = tile.quotientAndRemainder(dividingBy: tilesPerImage)
        return (image, rest / tilesX * 4, rest % tilesX * 4)
    }

    /// B^T d B of one tile; number i of the 36 goes to `target + i * plane`.
    private func gather(_ x: UnsafePointer<Float>, tile: Int, into target: UnsafeMutablePointer<Float>, plane: Int) {
        let (w, channels) = (geometry.window, geometry.inChannels)
        let (image, oy, ox) = origin(of: tile)
        gradcam_winograd_input(
            x + image * w.inArea * channels, w.inHeight, w.inWidth, channels, oy - w.padTop, ox - w.padLeft, target,
            plane)
    }

    /// A^T m A of one tile into its 4 x 4 output pixels, as far as they lie on the map.
    private func scatter(
        _ products: UnsafePointer<Float>, plane: Int, tile: Int, into y: UnsafeMutablePointer<Float>, adds: Bool,
        finish: (Range<Int>) -> Void
    ) {
        let (w, channels) = (geometry.window, geometry.outChannels)
        let (image, oy, ox) = origin(of: tile)
        let (rows, columns) = (min(4, w.outHeight - oy), min(4, w.outWidth - ox))
        let pixel = image * w.outArea + oy * w.outWidth + ox
        gradcam_winograd_output(products, plane, channels, y + pixel * channels, w.outWidth, rows, columns, adds)
        for i in 0..<rows { finish(pixel + i * w.outWidth..<pixel + i * w.outWidth + columns) }
    }

    typealias Six = (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes)

    /// G g G^T of every filter: 36 planes of outChannels x inChannels, in panels where the processor has kernels for
    /// them.
    static func transform(_ filters: Filters, threads: Threads) -> PackedWeights {
        let (channels, outputs) = (filters.geometry.inChannels, filters.geometry.outChannels)
        let width = PackedProduct.width > 0 ? PackedProduct.width : 8
        let plane = planeSize(filters.geometry)
        let panels = (outputs + width - 1) / width
        // A panel's filters and their transforms.
        let own = Int.sizeProduct(9 + 36, width, channels), all = Int.sizeProduct(own, min(threads.count, panels))
        return PackedWeights(count: .sizeProduct(36, plane), transient: all) { limit throws(MemoryShortage) in
            let memory = try Memory.allocate(all, within: limit, for: "packed weights")
            defer { Memory.release(memory, all) }
            return try FloatStorage(count: 36 * plane, within: limit, for: "packed weights") { target in
                threads.parts(panels) { part, panels in
                    let rows = memory + part * own
                    let transformed = rows + 9 * width * channels
                    for panel in panels {
                        let range = panel * width..<min((panel + 1) * width, outputs)
                        filters.write(range, into: rows)
                        for row in 0..<range.count {
                            transformRow(
                                rows + row * 9 * channels, into: transformed + row * channels, channels,
                                plane: width * channels)
                        }
                        for index in 0..<36 {
                            let from = transformed + index * width * channels
                            let to = target + index * plane + panel * width * channels
                            if PackedProduct.width > 0 {
                                gradcam_pack_panel(PackedProduct.width, to, from, range.count, channels, channels, 1)
                            } else {
                                to.update(from: from, count: range.count * channels)
                            }
                        }
                    }
                }
            }
        }
    }

    /// G g G^T of one output's filters; number i of the 36 goes to `target + i * plane`.
    private static func transformRow(
        _ filters: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, _ channels: Int, plane: Int
    ) {
        withUnsafeTemporaryAllocation(of: Lanes.self, capacity: 18) { half in
            for c in stride(from: 0, to: channels, by: 8) {
                let source = UnsafeRawPointer(filters + c)
                for j in 0..<3 {
                    @inline(__always) func w(_ i: Int) -> Lanes {
                        source.loadUnaligned(fromByteOffset: (3 * i + j) * channels * 4, as: Lanes.self)
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
        let (even, wide) = (g0 + g2, g0 / 24 + g2 / 6)
        let (odd, mid) = (g1, g1 / 12)
        return (g0 / 4, (even + odd) / -6, (even - odd) / -6, wide + mid, wide - mid, g2)
    }
}
