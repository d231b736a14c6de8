import CKernels
import Testing
import TestSupport

@testable import Network

/// The C kernels over maps, channels last, against their definitions; at the width that GRADCAM_KERNELS asks for.
struct MapKernelTests {
    private static func random(_ count: Int) -> [Float] { KernelTests.random(count) }
    private static func written(over before: [Float], _ body: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
        KernelTests.written(over: before, body)
    }

    /// Functions that close an epilogue: one that is done with the rest, and one that is done after it.
    private static var functions: [(vectors: VectorFunction, value: (Float) -> Float)] {
        [
            (VectorFunction(Activation(low: -0.5, high: 1)), { min(max($0, -0.5), 1) }),
            (VectorFunction(.leakyRelu(slope: 0.25))!, { $0 > 0 ? $0 : 0.25 * $0 }),
        ]
    }

    // MARK: Winograd

    /// The matrices of F(2 x 2, 3 x 3) and F(4 x 4, 3 x 3).
    private static let inputTransforms: [Int: [[Float]]] = [
        2: [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]],
        4: [
            [4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0],
            [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0], [0, 4, 0, -5, 0, 1],
        ],
    ]
    private static let outputTransforms: [Int: [[Float]]] = [
        2: [[1, 1, 1, 0], [0, 1, -1, -1]],
        4: [
            [1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1],
        ],
    ]

    /// M d M^T of a square.
    private static func transformed(_ d: [[Float]], by matrix: [[Float]]) -> [[Float]] {
        matrix.map { row in
            matrix.map { column in
                row.indices.reduce(Float(0)) { sum, i in
                    sum + row[i] * row.indices.reduce(Float(0)) { $0 + d[i][$1] * column[$1] }
                }
            }
        }
    }

    /// G, section 4.1.
    private static let filterTransforms: [Int: [[Float]]] = [
        2: [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]],
        4: [
            [1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6],
            [1 / 24, 1 / 12, 1 / 6], [1 / 24, -1 / 12, 1 / 6], [0, 0, 1],
        ],
    ]

    @Test(arguments: [8, 16, 24, 40], [2, 4])
    func transformsWinogradsFilters(count: Int, tile: Int) {
        let side = tile + 2, plane = count + 5
        let taps = Self.random(9 * count)
        let found = Self.written(over: Self.random(side * side * plane)) {
            gradcam_winograd_filters(tile, taps, count, $0, plane)
        }
        for filter in 0..<count {
            let square = (0..<3).map { y in (0..<3).map { x in taps[(3 * y + x) * count + filter] } }
            let expected = Self.transformed(square, by: Self.filterTransforms[tile]!).flatMap { $0 }
            #expect(maxDifference((0..<side * side).map { found[$0 * plane + filter] }, expected) <= 1e-5)
        }
    }

    @Test(arguments: [8, 16, 24, 40], [2, 4])
    func transformsWinogradsInputs(channels: Int, tile: Int) {
        let side = tile + 2, transform = Self.inputTransforms[tile]!
        let (height, width, plane) = (7, 9, channels + 5)
        let x = Self.random(height * width * channels)
        for (top, left) in [(0, 0), (1, 3), (-1, -1), (4, -1), (3, 6), (-1, 7)] {
            let found = Self.written(over: Self.random(side * side * plane)) {
                gradcam_winograd_input(tile, x, height, width, channels, top, left, $0, plane)
            }
            for c in 0..<channels {
                let square = (0..<side).map { i in
                    (0..<side).map { j in
                        let (row, column) = (top + i, left + j)
                        let inside = 0..<height ~= row && 0..<width ~= column
                        return inside ? x[(row * width + column) * channels + c] : 0
                    }
                }
                let expected = Self.transformed(square, by: transform).flatMap { $0 }
                #expect(maxDifference((0..<side * side).map { found[$0 * plane + c] }, expected) <= 1e-4)
            }
        }
    }

    @Test(arguments: [8, 16, 24, 40], [(2, false), (2, true), (4, false), (4, true)])
    func transformsWinogradsOutputs(channels: Int, way: (tile: Int, adds: Bool)) {
        let (tile, adds) = way, side = tile + 2
        let (width, plane) = (7, channels + 5)
        let from = Self.random(side * side * plane)
        for (rows, columns) in [(tile, tile), (1, tile), (tile, 1), (tile - 1, 2)] {
            let before = Self.random(4 * width * channels)
            let (scale, shift) = (Self.random(channels), Self.random(channels))
            let residual = Self.random(4 * width * channels)
            let last = Self.functions[rows % 2]
            func found(_ epilogue: UnsafePointer<gradcam_epilogue>?) -> [Float] {
                Self.written(over: before) {
                    gradcam_winograd_output(tile, from, plane, channels, $0, width, rows, columns, adds, epilogue)
                }
            }
            let finished = scale.withUnsafeBufferPointer { scale in
                shift.withUnsafeBufferPointer { shift in
                    residual.withUnsafeBufferPointer { residual in
                        var epilogue = gradcam_epilogue(
                            scale: scale.baseAddress, shift: shift.baseAddress, residual: residual.baseAddress,
                            last.vectors)
                        return found(&epilogue)
                    }
                }
            }
            var (expected, expectedFinished) = (before, before)
            for c in 0..<channels {
                let square = (0..<side).map { i in (0..<side).map { j in from[(side * i + j) * plane + c] } }
                let outputs = Self.transformed(square, by: Self.outputTransforms[tile]!)
                for i in 0..<rows {
                    for j in 0..<columns {
                        let index = (i * width + j) * channels + c
                        expected[index] = (adds ? before[index] : 0) + outputs[i][j]
                        expectedFinished[index] = last.value(
                            scale[c] * expected[index] + shift[c] + residual[index])
                    }
                }
            }
            #expect(maxDifference(found(nil), expected) <= 1e-4)
            #expect(maxDifference(finished, expectedFinished) <= 1e-4)
        }
    }

    // MARK: Windows

    /// Windows that see all or a part of the channels, with strides, dilations and pads, wider than the map too.
    static let windows: [gradcam_sliding_window] = [1, 3, 8, 9, 16, 17, 33].flatMap { run in
        [(run, 3, 2, 1, 1), (run + 2, 2, 1, 1, 0), (run, 3, 1, 2, 2), (run + 1, 2, 2, 3, 4)].map {
            channels, kernel, stride, dilation, pad in
            gradcam_sliding_window(
                channels: channels, run: run, in_height: 6, in_width: 5,
                out_width: (5 + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1,
                kernel_height: kernel, kernel_width: kernel, stride_y: stride, stride_x: stride,
                dilation_y: dilation, dilation_x: dilation, pad_top: pad, pad_left: pad)
        }
    }

    /// For every number of the windows of some output pixels: its place on the map, nil where it lies outside.
    private static func places(_ w: gradcam_sliding_window, _ pixels: Range<Int>) -> [Int?] {
        pixels.flatMap { pixel in
            (0..<w.kernel_height * w.kernel_width).flatMap { tap -> [Int?] in
                let row = pixel / w.out_width * w.stride_y - w.pad_top + tap / w.kernel_width * w.dilation_y
                let column = pixel % w.out_width * w.stride_x - w.pad_left + tap % w.kernel_width * w.dilation_x
                let inside = 0..<w.in_height ~= row && 0..<w.in_width ~= column
                return (0..<w.run).map { inside ? (row * w.in_width + column) * w.channels + $0 : nil }
            }
        }
    }

    @Test(arguments: windows.indices)
    func unfoldsWindows(_ index: Int) {
        var w = Self.windows[index]
        let x = Self.random(w.in_height * w.in_width * w.channels)
        for pixels in [0..<2 * w.out_width, 1..<w.out_width + 1] {
            let places = Self.places(w, pixels)
            let found = Self.written(over: Self.random(places.count)) {
                gradcam_unfold(x, &w, pixels.lowerBound, pixels.count, $0)
            }
            #expect(found == places.map { $0.map { x[$0] } ?? 0 })
        }
    }

    @Test(arguments: windows.indices)
    func foldsWindows(_ index: Int) {
        var w = Self.windows[index]
        let before = Self.random(w.in_height * w.in_width * w.channels)
        let places = Self.places(w, w.out_width..<2 * w.out_width)
        let windows = Self.random(places.count)
        for rows in [0..<w.in_height, 1..<3] {
            let found = Self.written(over: before) {
                gradcam_fold(windows, &w, 1, 2, $0, rows.lowerBound, rows.upperBound)
            }
            var expected = before
            for (value, place) in zip(windows, places) {
                guard let place, rows.contains(place / (w.in_width * w.channels)) else { continue }
                expected[place] += value
            }
            #expect(maxDifference(found, expected) <= 1e-5)
        }
    }

    /// Windows of all kinds, on maps that are narrower than a block of pixels, as wide, and wider; some of the channels.
    @Test(
        arguments: [(3, 1, 1), (3, 2, 1), (5, 1, 1), (5, 2, 1), (7, 1, 1), (3, 1, 2), (4, 3, 1), (9, 1, 1), (1, 1, 1)],
        [(1, 4), (4, 7), (20, 9), (37, 16), (70, 29)])
    func convolvesChannelByChannel(
        _ window: (kernel: Int, stride: Int, dilation: Int), _ map: (channels: Int, width: Int)
    ) {
        let (k, s, d, channels, width) = (window.kernel, window.stride, window.dilation, map.channels, map.width)
        let (pad, height) = ((k - 1) * d / 2, 6)
        let outWidth = (width + 2 * pad - (k - 1) * d - 1) / s + 1
        var w = gradcam_sliding_window(
            channels: channels, run: 1, in_height: height, in_width: width, out_width: outWidth, kernel_height: k,
            kernel_width: k, stride_y: s, stride_x: s, dilation_y: d, dilation_x: d, pad_top: pad, pad_left: pad)
        let (x, filters) = (Self.random(height * width * channels), Self.random(k * k * channels))
        let (scale, shift, before) = (Self.random(channels), Self.random(channels), Self.random(outWidth * channels))
        let residual = Self.random(outWidth * channels)
        for line in 0..<(height + 2 * pad - (k - 1) * d - 1) / s + 1 {
            let some = line % 2 == 0 ? 0..<channels : channels / 3..<channels - channels / 4
            func expected(_ finish: (Float, Int, Int) -> Float) -> [Float] {
                before.indices.map { index in
                    let (p, c) = index.quotientAndRemainder(dividingBy: channels)
                    guard some.contains(c) else { return before[index] }
                    var sum: Float = 0
                    for t in 0..<k * k {
                        let (row, column) = (line * s - pad + t / k * d, p * s - pad + t % k * d)
                        guard (0..<height).contains(row), (0..<width).contains(column) else { continue }
                        sum += x[(row * width + column) * channels + c] * filters[t * channels + c]
                    }
                    return finish(sum, index, c)
                }
            }
            let last = Self.functions[line % 2]
            func found(_ epilogue: UnsafePointer<gradcam_epilogue>?) -> [Float] {
                Self.written(over: before) {
                    gradcam_depthwise_line(x, &w, line, some.lowerBound, some.count, filters, $0, epilogue)
                }
            }
            #expect(maxDifference(found(nil), expected { sum, _, _ in sum }) <= 1e-5)
            let whole = scale.withUnsafeBufferPointer { scale in
                shift.withUnsafeBufferPointer { shift in
                    residual.withUnsafeBufferPointer { residual in
                        var epilogue = gradcam_epilogue(
                            scale: scale.baseAddress, shift: shift.baseAddress, residual: residual.baseAddress,
                            last.vectors)
                        return found(&epilogue)
                    }
                }
            }
            let finished = expected { last.value(scale[$2] * $0 + shift[$2] + residual[$1]) }
            #expect(maxDifference(whole, finished) <= 1e-5)
        }
    }

    // MARK: Channel by channel

    /// In place and from elsewhere, with every set of operands.
    @Test(arguments: [1, 7, 8, 16, 17, 33, 100], [false, true])
    func scalesAndClipsChannels(channels: Int, inPlace: Bool) {
        let (rows, yStride) = (3, channels + 2)
        let xStride = inPlace ? yStride : channels + 5
        let (scale, shift, r) = (Self.random(channels), Self.random(channels), Self.random(rows * yStride))
        for operands in 0..<8 {
            for (low, high) in [(-Float.infinity, Float.infinity), (0, .infinity), (0, 0.5)] {
                let before = Self.random(rows * yStride)
                let x = inPlace ? before : Self.random(rows * xStride)
                let (scales, shifts, adds) = (operands & 4 > 0, operands & 2 > 0, operands & 1 > 0)
                let y = r.withUnsafeBufferPointer { r in
                    scale.withUnsafeBufferPointer { scale in
                        shift.withUnsafeBufferPointer { shift in
                            x.withUnsafeBufferPointer { x in
                                Self.written(over: before) {
                                    var epilogue = gradcam_epilogue(
                                        scale: scales ? scale.baseAddress : nil,
                                        shift: shifts ? shift.baseAddress : nil, residual: adds ? r.baseAddress : nil,
                                        VectorFunction(Activation(low: low, high: high)))
                                    gradcam_channelwise(
                                        $0, yStride, inPlace ? UnsafePointer($0) : x.baseAddress!, xStride, rows,
                                        channels, &epilogue)
                                }
                            }
                        }
                    }
                }
                let expected = before.indices.map { index -> Float in
                    let (row, c) = index.quotientAndRemainder(dividingBy: yStride)
                    guard c < channels else { return before[index] }
                    let sum =
                        x[row * xStride + c] * (scales ? scale[c] : 1) + (shifts ? shift[c] : 0) + (adds ? r[index] : 0)
                    return min(max(sum, low), high)
                }
                #expect(maxDifference(y, expected) <= 1e-6)
            }
        }
    }

    @Test(arguments: [1, 7, 8, 16, 17, 33, 100], [false, true])
    func appliesEpilogues(channels: Int, residual: Bool) {
        for (scales, shifts) in [(false, false), (true, false), (false, true), (true, true)] {
            for activation in [nil, Activation.relu, Activation(low: 0, high: 0.5)] {
                let epilogue = Epilogue(
                    scale: scales ? Self.random(channels) : nil, shift: shifts ? Self.random(channels) : nil,
                    addsResidual: residual,
                    function: activation.map { .clip($0) })
                let (x, r) = (Self.random(3 * channels), Self.random(3 * channels))
                var y = x
                r.withUnsafeBufferPointer {
                    epilogue.apply(
                        &y, rows: 3, stride: channels, columns: 0..<channels, residual: residual ? $0.baseAddress : nil)
                }
                let expected = x.indices.map { i in
                    let c = i % channels
                    let sum = x[i] * (epilogue.scale?[c] ?? 1) + (epilogue.shift?[c] ?? 0) + (residual ? r[i] : 0)
                    return activation.map { min(max(sum, $0.low), $0.high) } ?? sum
                }
                #expect(maxDifference(y, expected) <= 1e-6)
            }
        }
    }

    /// Around the 2048 numbers that pass at a time.
    @Test(arguments: [1, 7, 16, 33, 2047, 2048, 2049, 5000])
    func passesGradientsThroughRectifiers(count: Int) {
        let (low, high) = (Float(0), Float(0.5))
        // Outputs at both bounds among them.
        let y = Self.random(count).map { min(max($0, low), high) }
        for rule in [gradcam_rectifier_plain, gradcam_rectifier_guided, gradcam_rectifier_deconvnet] {
            let (d, before) = (Self.random(count), Self.random(count))
            let passed = (0..<count).map { i in
                let passes =
                    switch rule {
                    case gradcam_rectifier_plain: y[i] > low && y[i] < high
                    case gradcam_rectifier_guided: y[i] > low && d[i] > 0
                    default: d[i] > 0
                    }
                return passes ? d[i] : 0
            }
            for overwrites in [false, true] {
                var target: [Float] = []
                let left = Self.written(over: d) { d in
                    target = Self.written(over: before) {
                        gradcam_rectifier_gradient($0, overwrites, d, y, count, low, high, rule)
                    }
                }
                let expected = overwrites ? passed : zip(before, passed).map { $0 + $1 }
                #expect(left == passed && target == expected)
            }
            let alone = Self.written(over: d) { gradcam_rectifier_gradient(nil, false, $0, y, count, low, high, rule) }
            #expect(alone == passed)
        }
    }

    @Test(arguments: [1, 7, 8, 16, 17, 33, 100])
    func takesMaxima(count: Int) {
        let (x, before, d, target) = (
            Self.random(count), Self.random(count), Self.random(count), Self.random(count)
        )
        let y = Self.written(over: before) { gradcam_maximum($0, x, count) }
        #expect(y == zip(x, before).map(max))

        var reached: [Float] = []
        let rest = Self.written(over: d) { d in
            reached = Self.written(over: target) { gradcam_maximum_gradient($0, d, x, y, count) }
        }
        for i in 0..<count {
            let isMaximum = x[i] == y[i]
            #expect(rest[i] == (isMaximum ? 0 : d[i]))
            #expect(reached[i] == (isMaximum ? target[i] + d[i] : target[i]))
        }
        #expect(Self.written(over: d) { gradcam_maximum_gradient(nil, $0, x, y, count) } == rest)
    }
}
