import CKernels

/// A 3 x 3 convolution of stride 1 by F(4 x 4, 3 x 3), 36 products over tiles of 6 x 6 inputs instead of 9 over every
/// pixel, which takes a quarter of the multiplications; or by F(2 x 2, 3 x 3), 16 products over tiles of 4 x 4, which
/// takes four ninths of them and of the memory for weights less than half. Channels in and out are multiples of 8.
///
/// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016, section 4.1.
struct Winograd {
    let geometry: ConvolutionGeometry
    let images: Int
    /// Output pixels along the edge of a tile: 2 or 4.
    let tile: Int

    static func suits(_ g: ConvolutionGeometry) -> Bool {
        let w = g.window
        return w.kernel == (3, 3) && (w.strideY, w.strideX, w.dilationY, w.dilationX) == (1, 1, 1, 1) && g.groups == 1
            && g.inChannels % 8 == 0 && g.outChannels % 8 == 0
    }

    private var tilesX: Int { (geometry.window.outWidth + tile - 1) / tile }
    private var tilesPerImage: Int { (geometry.window.outHeight + tile - 1) / tile * tilesX }
    private var planes: Int { WinogradFilters.planes(tile) }
    private var tiles: Int { images * tilesPerImage }

    /// Whether every thread computes tiles of its own from the first step to the last, a few at a time: where the planes
    /// of weights, which each then reads, stay near, and serve many tiles.
    private func splitsTiles(_ threads: Int, repacks: Bool) -> Bool {
        guard geometry.packs, !repacks else { return false }
        return geometry.inChannels * geometry.outChannels <= min(1 << 14, 64 * (tiles / threads))
    }

    /// Tiles that are worked on at a time, by one thread or by all: as many as keep their transforms near the processor.
    private func block(_ threads: Int, repacks: Bool) -> Int {
        if splitsTiles(threads, repacks: repacks) { return min(56, (tiles + threads - 1) / threads) }
        return min(tiles, max(96, (4 << 20) / (planes * (geometry.inChannels + geometry.outChannels))))
    }

    /// Floats between two planes of `count` tiles: a power of two would have them share a few lines of the cache.
    private static func plane(_ count: Int, _ channels: Int) -> Int { .sizeProduct(count, channels) + 16 }

    /// Floats of the transforms of a block.
    private func transforms(_ block: Int) -> Int {
        (.sizeProduct(planes, Self.plane(block, geometry.inChannels))
            + .sizeProduct(planes, Self.plane(block, geometry.outChannels))).cacheLines
    }

    private var panelScratch: Int { WinogradFilters.panelScratch(geometry, tile: tile) }

    /// - Parameter repacks: whether weights are made at every product.
    func scratch(threads: Int, repacks: Bool) -> Int {
        let transforms = transforms(block(threads, repacks: repacks))
        if splitsTiles(threads, repacks: repacks) { return .sizeProduct(threads, transforms) }
        return transforms + (repacks ? .sizeProduct(threads, panelScratch) : 0)
    }

    /// y = x (*) weights (+ y where `adds`), then `finish` on every part of it.
    func run(
        _ x: UnsafePointer<Float>, _ weights: WinogradFilters, into y: UnsafeMutablePointer<Float>, adds: Bool,
        scratch: UnsafeMutablePointer<Float>, threads: Threads, finish: Finish?
    ) {
        let planes = weights.planes
        defer { withExtendedLifetime(planes) {} }
        let block = block(threads.count, repacks: planes == nil)
        if let planes, splitsTiles(threads.count, repacks: false) {
            threads.parts(tiles) { part, some in
                for start in stride(from: some.lowerBound, to: some.upperBound, by: block) {
                    run(
                        start..<min(start + block, some.upperBound), x, into: y, adds: adds,
                        scratch: scratch + part * transforms(block), Threads(count: 1), finish
                    ) {
                        multiply($0, planes.base, weights.precision, into: $1, $2, Threads(count: 1))
                    }
                }
            }
            return
        }
        for start in stride(from: 0, to: tiles, by: block) {
            run(
                start..<min(start + block, tiles), x, into: y, adds: adds, scratch: scratch, threads, finish
            ) {
                if let planes {
                    multiply($0, planes.base, weights.precision, into: $1, $2, threads)
                } else {
                    multiply($0, weights, into: $1, $2, scratch: scratch + transforms(block), threads)
                }
            }
        }
    }

    /// Some tiles from the first step to the last; `multiply` makes the products of the inputs' transforms, of so many
    /// tiles.
    private func run(
        _ tiles: Range<Int>, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, adds: Bool,
        scratch: UnsafeMutablePointer<Float>, _ threads: Threads, _ finish: Finish?,
        multiply: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
    ) {
        let (channels, outputs, count) = (geometry.inChannels, geometry.outChannels, tiles.count)
        let (plane, outputPlane) = (Self.plane(count, channels), Self.plane(count, outputs))
        let inputs = scratch // planes of [count][channels]
        let products = scratch + planes * plane // planes of [count][outputs]
        threads.split(count) {
            for number in $0 {
                gather(x, tiles.lowerBound + number, into: inputs + number * channels, plane: plane)
            }
        }
        multiply(inputs, products, count)
        threads.split(count) {
            for number in $0 {
                scatter(
                    products + number * outputs, plane: outputPlane, tiles.lowerBound + number, into: y, adds: adds,
                    finish: finish)
            }
        }
    }

    /// The products of `count` tiles: each plane of outputs = its plane of inputs * weights^T.
    private func multiply(
        _ inputs: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ precision: Precision,
        into products: UnsafeMutablePointer<Float>, _ count: Int, _ threads: Threads
    ) {
        let (channels, outputs) = (geometry.inChannels, geometry.outChannels)
        // Few tiles: a task a product; many: two, so that the last ones to finish are short.
        let parts = count >= 256 ? 2 : 1
        threads.each(planes * parts) { task in
            let (index, part) = task.quotientAndRemainder(dividingBy: parts)
            let (first, end) = (count * part / parts, count * (part + 1) / parts)
            let from = inputs + index * Self.plane(count, channels) + first * channels
            let to = products + index * Self.plane(count, outputs) + first * outputs
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
                weights.transform(panel: panel, scratch + thread * panelScratch) {
                    weights.precision.multiply(
                        m: end - first, n: columns.count, k: channels,
                        inputs + $0 * Self.plane(count, channels) + first * channels, channels, $1,
                        into: products + $0 * Self.plane(count, outputs) + first * outputs + columns.lowerBound,
                        outputs, adds: false)
                }
            }
        }
    }

    /// The output pixel at the upper left corner of tile `number`.
    private func origin(of number: Int) -> (image: Int, y: Int, x: Int) {
        let (image, rest) = number.quotientAndRemainder(dividingBy: tilesPerImage)
        return (image, rest / tilesX * tile, rest % tilesX * tile)
    }

    /// B^T d B of one tile; number i goes to `target + i * plane`.
    private func gather(_ x: UnsafePointer<Float>, _ number: Int, into target: UnsafeMutablePointer<Float>, plane: Int)
    {
        let (w, channels) = (geometry.window, geometry.inChannels)
        let (image, oy, ox) = origin(of: number)
        gradcam_winograd_input(
            tile, x + image * w.inArea * channels, w.inHeight, w.inWidth, channels, oy - w.padTop, ox - w.padLeft,
            target, plane)
    }

    /// A^T m A of one tile into its output pixels, as far as they lie on the map.
    private func scatter(
        _ products: UnsafePointer<Float>, plane: Int, _ number: Int, into y: UnsafeMutablePointer<Float>, adds: Bool,
        finish: Finish?
    ) {
        let (w, channels) = (geometry.window, geometry.outChannels)
        let (image, oy, ox) = origin(of: number)
        let (rows, columns) = (min(tile, w.outHeight - oy), min(tile, w.outWidth - ox))
        let pixel = image * w.outArea + oy * w.outWidth + ox
        let target = y + pixel * channels
        guard let finish else {
            return gradcam_winograd_output(
                tile, products, plane, channels, target, w.outWidth, rows, columns, adds, nil)
        }
        withUnsafePointer(to: finish.part(row: pixel, column: 0)) {
            gradcam_winograd_output(tile, products, plane, channels, target, w.outWidth, rows, columns, adds, $0)
        }
    }
}
