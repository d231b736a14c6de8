import CKernels

/// A 3 x 3 convolution of stride 1 by F(4 x 4, 3 x 3): 36 products over tiles of 6 x 6 inputs instead of 9 over every
/// pixel, which takes a quarter of the multiplications. Channels in and out are multiples of 8.
///
/// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016, section 4.1.
struct Winograd {
    let geometry: ConvolutionGeometry
    let images: Int

    static func suits(_ g: ConvolutionGeometry) -> Bool {
        let w = g.window
        return w.kernel == (3, 3) && (w.strideY, w.strideX, w.dilationY, w.dilationX) == (1, 1, 1, 1) && g.groups == 1
            && g.inChannels % 8 == 0 && g.outChannels % 8 == 0
    }

    private var tilesX: Int { (geometry.window.outWidth + 3) / 4 }
    private var tilesPerImage: Int { (geometry.window.outHeight + 3) / 4 * tilesX }
    private var tiles: Int { images * tilesPerImage }
    /// Tiles that are worked on at a time: as many as keep their transforms near the processor.
    private var block: Int { min(tiles, max(96, (4 << 20) / (36 * (geometry.inChannels + geometry.outChannels)))) }

    private var transforms: Int { .sizeProduct(36, block, geometry.inChannels + geometry.outChannels).cacheLines }

    /// - Parameter repacks: whether weights are made at every product.
    func scratch(threads: Int, repacks: Bool) -> Int {
        transforms + (repacks ? .sizeProduct(threads, WinogradFilters.panelScratch(geometry)) : 0)
    }

    /// y = x (*) weights (+ y where `adds`), then `finish` on every finished run of output pixels.
    func run(
        _ x: UnsafePointer<Float>, _ weights: WinogradFilters, into y: UnsafeMutablePointer<Float>, adds: Bool,
        scratch: UnsafeMutablePointer<Float>, threads: Threads, finish: (Range<Int>) -> Void
    ) {
        let planes = weights.planes
        defer { withExtendedLifetime(planes) {} }
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
            if let planes {
                multiply(inputs, planes.base, weights.precision, into: products, count, threads)
            } else {
                multiply(inputs, weights, into: products, count, scratch: scratch + transforms, threads)
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

    /// The 36 products of `count` tiles: [36][block][outputs] = [36][block][channels] * weights^T.
    private func multiply(
        _ inputs: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ precision: Precision,
        into products: UnsafeMutablePointer<Float>, _ count: Int, _ threads: Threads
    ) {
        let (channels, outputs) = (geometry.inChannels, geometry.outChannels)
        // Few tiles: a task a product; many: two, so that the last ones to finish are short.
        let parts = count >= 256 ? 2 : 1
        threads.each(36 * parts) { task in
            let (index, part) = task.quotientAndRemainder(dividingBy: parts)
            let (first, end) = (count * part / parts, count * (part + 1) / parts)
            let (from, to) = (inputs + (index * block + first) * channels, products + (index * block + first) * outputs)
            let filter = weights + index * WinogradFilters.planeSize(geometry)
            if geometry.packs {
                precision.multiply(
                    m: end - first, n: outputs, k: channels, from, channels, filter, into: to, outputs, adds: false)
            } else {
                Gemm.multiply(
                    m: end - first, n: outputs, k: channels, from, channels, filter, channels, transposed: true,
                    into: to, outputs)
            }
        }
    }

    /// The same with weights that are made panel by panel; where there are fewer panels than threads, each is made for
    /// several parts of the tiles.
    private func multiply(
        _ inputs: UnsafePointer<Float>, _ weights: WinogradFilters, into products: UnsafeMutablePointer<Float>,
        _ count: Int, scratch: UnsafeMutablePointer<Float>, _ threads: Threads
    ) {
        let (channels, outputs) = (geometry.inChannels, geometry.outChannels)
        let panels = WinogradFilters.panels(geometry)
        let parts = max(1, min((threads.count + panels - 1) / panels, count / 16))
        threads.parts(panels * parts) { thread, tasks in
            for task in tasks {
                let (panel, part) = task.quotientAndRemainder(dividingBy: parts)
                let (first, end) = (count * part / parts, count * (part + 1) / parts)
                let columns = WinogradFilters.outputs(ofPanel: panel, geometry)
                weights.transform(panel: panel, scratch + thread * WinogradFilters.panelScratch(geometry)) {
                    let row = $0 * block + first
                    weights.precision.multiply(
                        m: end - first, n: columns.count, k: channels, inputs + row * channels, channels, $1,
                        into: products + row * outputs + columns.lowerBound, outputs, adds: false)
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
}
