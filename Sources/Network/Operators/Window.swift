/// The sliding window of a convolution or pooling over a map: the attributes that they share.
package struct Window: Sendable, Hashable {
    package let kernelHeight, kernelWidth: Int
    package let strideY, strideX: Int
    package let dilationY, dilationX: Int
    package let padTop, padLeft, padBottom, padRight: Int
    package let inHeight, inWidth: Int
    package let outHeight, outWidth: Int

    /// - Parameter kernel: the window's extents, [height, width].
    init(_ node: NodeReader, input: Extents, kernel: [Extent]) throws(OperatorFault) {
        guard input.rank == 4, kernel.count == 2 else {
            throw .shape(
                "a window of \(kernel.count) dimensions over \(input) is not supported; only maps [1, C, H, W] are")
        }
        guard try input[1] > 0, try input[2] > 0, try input[3] > 0 else {
            throw .shape("maps of \(input) are empty: there is nothing for a window to slide over")
        }
        let strides = try node.ints("strides") ?? [1, 1]
        let dilations = try node.ints("dilations") ?? [1, 1]
        var pads = try node.ints("pads") ?? [0, 0, 0, 0]
        guard strides.count == 2, dilations.count == 2, pads.count == 4,
            (strides + dilations + kernel).allSatisfy({ $0 > 0 && $0 < Self.limit }),
            pads.allSatisfy({ $0.value.magnitude < Self.limit.value })
        else {
            throw .shape("kernel \(kernel), strides \(strides), dilations \(dilations), pads \(pads) do not fit a map")
        }
        let extents = [try input[2], try input[3]]
        let spans = try (0..<2).map { axis throws(OperatorFault) in try dilations[axis] * (kernel[axis] - 1) + 1 }

        switch try node.string("auto_pad", default: "NOTSET") {
        case "NOTSET": break
        case "VALID": pads = [0, 0, 0, 0]
        case "SAME_UPPER", "SAME_LOWER":
            let upper = try node.string("auto_pad", default: "") == "SAME_UPPER"
            for axis in 0..<2 {
                let out = try (extents[axis] + strides[axis] - 1) / strides[axis]
                let total = max(0, try (out - 1) * strides[axis] + spans[axis] - extents[axis])
                pads[axis] = upper ? try total / 2 : try total - total / 2
                pads[axis + 2] = try total - pads[axis]
            }
        case let other: throw .attribute("auto_pad", other)
        }
        let ceil = try node.flag("ceil_mode")
        var out: [Extent] = []
        for axis in 0..<2 {
            let room = try extents[axis] + pads[axis] + pads[axis + 2] - spans[axis]
            // With ceil_mode the last window may go over the padded map's edge, so that the map may even be smaller
            // than the window.
            var count = try (ceil ? room + strides[axis] - 1 : room).flooredQuotient(strides[axis]) + 1
            // A last window that would begin in the padding after the map is dropped.
            if ceil, try (count - 1) * strides[axis] >= extents[axis] + pads[axis] { count = try count - 1 }
            guard count > 0 else {
                throw .shape(
                    "a window of \(kernel) does not fit into \(input); give the network a larger input (\(.inputSize))")
            }
            out.append(count)
        }
        self.init(
            kernel: kernel.values, strides: strides.values, dilations: dilations.values, pads: pads.values,
            input: extents.values, output: out.values)
    }

    /// A window as large as a map.
    init(over map: Extents) throws(OperatorFault) {
        let extents = [try map[2].value, try map[3].value]
        self.init(kernel: extents, pads: [0, 0, 0, 0], input: extents, output: [1, 1])
    }

    /// Of [y, x] each, but for the pads: [top, left, bottom, right].
    init(
        kernel: [Int], strides: [Int] = [1, 1], dilations: [Int] = [1, 1], pads: [Int], input: [Int], output: [Int]
    ) {
        (kernelHeight, kernelWidth) = (kernel[0], kernel[1])
        (strideY, strideX) = (strides[0], strides[1])
        (dilationY, dilationX) = (dilations[0], dilations[1])
        (padTop, padLeft, padBottom, padRight) = (pads[0], pads[1], pads[2], pads[3])
        (inHeight, inWidth) = (input[0], input[1])
        (outHeight, outWidth) = (output[0], output[1])
    }

    /// Strides, dilations, kernels and pads are below this, so that kernels may multiply them with extents.
    static let limit: Extent = 1_048_576

    /// The shape of what it makes of maps.
    ///
    /// - Parameter channels: nil: as many as before.
    func output(of input: Extents, channels: Extent? = nil) throws(OperatorFault) -> Shape {
        let own = try input[1]
        return try Shape([try input[0], channels ?? own, Extent(outHeight), Extent(outWidth)])
    }

    package var kernel: (Int, Int) { (kernelHeight, kernelWidth) }
    package var outArea: Int { outHeight * outWidth }
    package var inArea: Int { inHeight * inWidth }

    /// The window's taps in y that fall on the map for output row `y`.
    func rows(at y: Int) -> Range<Int> { Self.taps(y * strideY - padTop, dilationY, kernelHeight, inHeight) }
    func columns(at x: Int) -> Range<Int> { Self.taps(x * strideX - padLeft, dilationX, kernelWidth, inWidth) }

    /// The pixels of the map under the window of an output pixel, in row-major order.
    @inline(__always)
    func forEachPixel(_ oy: Int, _ ox: Int, _ body: (Int) -> Void) {
        let columns = columns(at: ox)
        for ky in rows(at: oy) {
            let row = (oy * strideY - padTop + ky * dilationY) * inWidth + ox * strideX - padLeft
            for kx in columns { body(row + kx * dilationX) }
        }
    }

    private static func taps(_ start: Int, _ dilation: Int, _ kernel: Int, _ extent: Int) -> Range<Int> {
        let first = start >= 0 ? 0 : (-start + dilation - 1) / dilation
        let end = start >= extent ? 0 : min(kernel, (extent - start + dilation - 1) / dilation)
        return first..<max(first, end)
    }
}

extension Extent {
    /// The greatest whole number that is not above self / divisor, for a positive divisor.
    fileprivate func flooredQuotient(_ divisor: Extent) throws(OperatorFault) -> Extent {
        try (self - ((self % divisor) + divisor) % divisor) / divisor
    }
}
