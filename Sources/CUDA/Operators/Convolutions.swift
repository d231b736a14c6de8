import CCUDA
import Network

/// A convolution and its way back, on maps that lie one after another.
struct CardConvolution {
    let geometry: ConvolutionGeometry

    private var window: Window { geometry.window }
    private var taps: Int { window.kernelHeight * window.kernelWidth * geometry.inChannels }
    private var isPointwise: Bool {
        let w = window
        return w.kernelHeight == 1 && w.kernelWidth == 1 && w.strideY == 1 && w.strideX == 1 && w.padTop == 0
            && w.padLeft == 0 && w.inHeight == w.outHeight && w.inWidth == w.outWidth
    }

    /// Numbers that columns of some maps may take at a time.
    private static let columnFloats = 64 << 20

    private func mapsAtOnce(_ maps: Int) -> Int { min(maps, max(1, Self.columnFloats / max(1, taps * window.outArea))) }

    /// Numbers of what it works in, forward or back.
    func work(maps: Int, on card: Card) -> [Int] {
        // Where cuDNN has no such convolution products take its place.
        let columns = isPointwise || geometry.groups > 1 ? 0 : mapsAtOnce(maps) * taps * window.outArea
        let most = max(columns, card.hasCUDNN ? ConvolutionForm.workspace / 4 : 0)
        return most > 0 ? [most] : []
    }

    /// y = w * x, or += where it adds.
    func forward(
        _ x: UInt64, _ w: UInt64, _ y: UInt64, maps: Int, adds: Bool, _ stream: Stream
    ) throws(NetworkError) {
        if try stream.convolve(geometry, x: x, w: w, y: y, maps: maps, adds: adds) { return }
        let (g, inCount, outCount) = (
            geometry, geometry.inChannels * window.inArea, geometry.outChannels * window.outArea
        )
        guard g.groups == 1 else {
            return try stream.launch(
                convolve_forward(
                    count: Int64(maps * outCount), groups: Int32(g.groups), in_channels: Int32(g.groupIn),
                    out_channels: Int32(g.groupOut), adds: adds ? 1 : 0, window: window.kernel, x: x, w: w, y: y))
        }
        var product = Product(
            m: g.outChannels, n: window.outArea, k: taps, strideA: 0,
            strideB: isPointwise ? inCount : taps * window.outArea,
            strideY: outCount, count: maps, beta: adds ? 1 : 0)
        if isPointwise { return try product.run(w, x, y, stream) }
        let most = mapsAtOnce(maps), columns = try stream.pool.take(most * taps * window.outArea)
        for first in stride(from: 0, to: maps, by: most) {
            product.count = min(most, maps - first)
            try stream.launch(
                image_to_columns(
                    count: Int64(product.count * taps * window.outArea), channels: Int64(g.inChannels),
                    window: window.kernel, x: x + UInt64(first * inCount * 4), columns: columns.address))
            try product.run(w, columns.address, y + UInt64(first * outCount * 4), stream)
        }
        withExtendedLifetime(columns) {}
    }

    /// t += the gradient of x, where d is that of y.
    func gradient(_ d: UInt64, _ w: UInt64, _ t: UInt64, maps: Int, _ stream: Stream) throws(NetworkError) {
        if try stream.convolveBack(geometry, d: d, w: w, t: t, maps: maps) { return }
        let (g, inCount, outCount) = (
            geometry, geometry.inChannels * window.inArea, geometry.outChannels * window.outArea
        )
        guard g.groups == 1 else {
            return try stream.launch(
                convolve_gradient(
                    count: Int64(maps * inCount), groups: Int32(g.groups), in_channels: Int32(g.groupIn),
                    out_channels: Int32(g.groupOut), window: window.kernel, w: w, d: d, t: t))
        }
        var product = Product(
            m: taps, n: window.outArea, k: g.outChannels, transposesA: true, strideA: 0, strideB: outCount,
            strideY: isPointwise ? inCount : taps * window.outArea, count: maps, beta: isPointwise ? 1 : 0)
        if isPointwise { return try product.run(w, d, t, stream) }
        let most = mapsAtOnce(maps), columns = try stream.pool.take(most * taps * window.outArea)
        for first in stride(from: 0, to: maps, by: most) {
            product.count = min(most, maps - first)
            try product.run(w, d + UInt64(first * outCount * 4), columns.address, stream)
            try stream.launch(
                columns_to_image(
                    count: Int64(product.count * inCount), channels: Int64(g.inChannels), window: window.kernel,
                    columns: columns.address, t: t + UInt64(first * inCount * 4)))
        }
        withExtendedLifetime(columns) {}
    }
}

extension Conv: CUDAOperator {
    func tables(of input: Shape) -> [Table] { [.weights(weights)] + (bias.map { [.weights($0)] } ?? []) }

    func work(_ images: Int, on card: Card) -> [Int] {
        CardConvolution(geometry: geometry).work(maps: images * maps, on: card)
    }

    func forward(_ pass: Pass) throws(NetworkError) {
        let (x, keep) = try pass.dense(0, pass.shape(0)), count = outputShapes[0].count
        try withExtendedLifetime(keep) { () throws(NetworkError) in
            try CardConvolution(geometry: geometry).forward(
                x, try pass.table(0), pass.y, maps: pass.images * maps, adds: false, pass.stream)
        }
        guard bias != nil else { return }
        try pass.stream.launch(
            bias_forward(
                count: Int64(pass.images * count), channels: Int64(geometry.outChannels),
                inner: Int64(geometry.window.outArea), bias: try pass.table(1), y: pass.y))
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        try CardConvolution(geometry: geometry).gradient(
            pass.d, try pass.pass.table(0), t, maps: pass.images * maps, pass.stream)
    }
}

extension ConvTranspose: CUDAOperator {
    func tables(of input: Shape) -> [Table] { [.weights(mirror.weights)] + (bias.map { [.weights($0)] } ?? []) }

    func work(_ images: Int, on card: Card) -> [Int] {
        CardConvolution(geometry: mirror.geometry).work(maps: images * mirror.maps, on: card)
    }

    func forward(_ pass: Pass) throws(NetworkError) {
        let (x, keep) = try pass.dense(0, input), count = outputShapes[0].count
        try pass.stream.clear(pass.y, pass.images * count)
        try withExtendedLifetime(keep) { () throws(NetworkError) in
            try CardConvolution(geometry: mirror.geometry).gradient(
                x, try pass.table(0), pass.y, maps: pass.images * mirror.maps, pass.stream)
        }
        guard bias != nil else { return }
        try pass.stream.launch(
            bias_forward(
                count: Int64(pass.images * count), channels: Int64(mirror.geometry.inChannels),
                inner: Int64(mirror.geometry.window.inArea), bias: try pass.table(1), y: pass.y))
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        guard let t = pass.dOperands[0] else { return }
        try CardConvolution(geometry: mirror.geometry).forward(
            pass.d, try pass.pass.table(0), t, maps: pass.images * mirror.maps, adds: true, pass.stream)
    }
}
