import CKernels

/// A convolution's weights, a row an output channel in the order in which the products read them: [kernel y][kernel
/// x][channels of the group]. Rows are made from ONNX's [outChannels][channels of the group][kernel y][kernel x] where
/// they are needed, so that no copy of all of them is made on the way to a packed form.
struct Filters: Sendable {
    /// The geometry that the rows belong to; of the transposed convolution where `turned`.
    let geometry: ConvolutionGeometry
    private let raw: FloatStorage
    /// Whether the rows are those of the transposed convolution: in and out swapped, windows turned around.
    private let turned: Bool

    init(_ raw: FloatStorage, _ geometry: ConvolutionGeometry) {
        (self.raw, self.geometry, turned) = (raw, geometry, false)
    }

    /// The filters that carry a gradient back, where there is a convolution for it.
    init?(turning raw: FloatStorage, _ geometry: ConvolutionGeometry) {
        guard let transposed = geometry.transposed else { return nil }
        (self.raw, self.geometry, turned) = (raw, transposed, true)
    }

    /// As the file has them.
    var source: PackedWeights { PackedWeights(raw) }

    private var area: Int { geometry.window.kernelHeight * geometry.window.kernelWidth }

    /// Writes some rows one after another.
    func write(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>) {
        let (area, taps, depth) = (area, geometry.taps, geometry.groupIn)
        withExtendedLifetime(raw) {
            guard turned else {
                for (row, o) in rows.enumerated() {
                    let (source, target) = (raw.base + o * taps, target + row * taps)
                    if area == 1 {
                        target.update(from: source, count: taps)
                    } else {
                        gradcam_transpose(source, area, depth, area, target, depth)
                    }
                }
                return
            }
            // Read in the file's order: filter by filter, and of each the neighbouring channels.
            let outputs = geometry.groupOut
            for i in 0..<depth {
                for (row, output) in rows.enumerated() {
                    let (group, o) = output.quotientAndRemainder(dividingBy: outputs)
                    let source = raw.base + ((group * depth + i) * outputs + o) * area
                    for tap in 0..<area {
                        target[row &* taps &+ tap &* depth &+ i] = source[area &- 1 &- tap]
                    }
                }
            }
        }
    }

    /// All rows; the file's own memory where it is in this order already.
    func plain(threads: Threads) -> PackedWeights {
        if area == 1, !turned { return PackedWeights(raw) }
        return PackedWeights(count: .sizeProduct(geometry.outChannels, geometry.taps)) {
            limit throws(MemoryShortage) in
            try FloatStorage(count: geometry.outChannels * geometry.taps, within: limit, for: "packed weights") {
                target in
                threads.split(geometry.outChannels, grain: max(1, 8192 / geometry.taps)) {
                    write($0, into: target + $0.lowerBound * geometry.taps)
                }
            }
        }
    }

    /// Panels for `PackedProduct`; of one group only.
    func packed(_ preparation: Preparation) -> PackedProduct {
        PackedProduct(
            n: geometry.outChannels, k: geometry.taps, inAdvance: preparation.packsInAdvance,
            precision: preparation.precision, threads: preparation.threads, from: source
        ) { _, rows, panel in pack(rows, 0..<geometry.groupIn, into: panel) }
    }

    /// Some channels of some rows, at most `PackedProduct.width` of them, as a panel; of one group only.
    func pack(_ rows: Range<Int>, _ channels: Range<Int>, into panel: UnsafeMutablePointer<Float>) {
        let (width, taps, step, first) = (
            PackedProduct.width, geometry.taps, geometry.outChannels * area, channels.lowerBound
        )
        withExtendedLifetime(raw) {
            if turned {
                gradcam_pack_turned_panel(
                    width, panel, raw.base + rows.lowerBound * area + first * step, rows.count, channels.count, step,
                    area)
            } else {
                gradcam_pack_panel(
                    width, panel, raw.base + rows.lowerBound * taps + first * area, rows.count, taps, channels.count,
                    area)
            }
        }
    }

    /// One filter a channel: [kernel y][kernel x][channels].
    func depthwise() -> PackedWeights {
        let (channels, area) = (geometry.inChannels, area)
        return PackedWeights(count: .sizeProduct(area, channels)) { limit throws(MemoryShortage) in
            try FloatStorage(count: area * channels, within: limit, for: "packed weights") { target in
                for i in 0..<area * channels { target[i] = raw[(i % channels) * area + i / channels] }
            }
        }
    }
}
