/// Blocks of pixels laid over one another and summed, the way back of a sliding window (PyTorch's fold).
/// https://onnx.ai/onnx/operators/onnx__Col2Im.html
package struct Col2Im: Operator {
    /// For every element of an image's channel in the operand, [block's pixels, blocks], its pixel; -1 where that is
    /// padding.
    package let pixels: [Int32]
    package let maps, area: Int
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let (input, extents, block) = (try node.shape(0), try node.integers(1), try node.integers(2))
        let axes = extents.indices
        let ones = [Extent](repeating: 1, count: extents.count)
        let strides = try node.ints("strides") ?? ones
        let dilations = try node.ints("dilations") ?? ones
        let pads = try node.ints("pads") ?? [Extent](repeating: 0, count: 2 * extents.count)
        guard input.rank == 3, !extents.isEmpty, [block, strides, dilations].allSatisfy({ $0.count == extents.count }),
            pads.count == 2 * extents.count,
            (extents + block + strides + dilations).allSatisfy({ $0 > 0 && $0 < Window.limit }),
            pads.allSatisfy({ $0 >= 0 && $0 < Window.limit })
        else { throw .shape("blocks of \(block) of an image of \(extents) do not fit \(input)") }
        let counts = try axes.map { axis throws(OperatorFault) in
            let span = try dilations[axis] * (block[axis] - 1) + 1
            return try (extents[axis] + pads[axis] + pads[axis + extents.count] - span) / strides[axis] + 1
        }
        guard counts.allSatisfy({ $0 > 0 }), try input[1] % block.product() == 0, try input[2] == counts.product()
        else {
            throw .shape("blocks of \(block) of an image of \(extents) are not \(input)")
        }
        let channels = try input[1] / block.product(), image = try Shape(extents)
        guard Extent(image.count) <= .mostInt32 else { throw .shape("an image of \(extents) is too large") }
        outputShapes = [try node.output(try Shape([input[0], channels] + extents))]
        (maps, area) = (try (input[0] * channels).value, image.count)
        _ = try node.constant(try Shape([try block.product(), try counts.product()]))
        pixels = Self.pixels(
            try Shape(block), try Shape(counts), image, strides.values, dilations.values, Array(pads.values))
    }

    private static func pixels(
        _ taps: Shape, _ blocks: Shape, _ image: Shape, _ strides: [Int], _ dilations: [Int], _ pads: [Int]
    ) -> [Int32] {
        let (tapStrides, blockStrides, imageStrides) = (taps.strides, blocks.strides, image.strides)
        return (0..<taps.count * blocks.count).map { element in
            let (tap, place) = element.quotientAndRemainder(dividingBy: blocks.count)
            var pixel = 0
            for axis in 0..<image.rank {
                let block = place / blockStrides[axis] % blocks[axis] * strides[axis]
                let at = block + tap / tapStrides[axis] % taps[axis] * dilations[axis] - pads[axis]
                guard (0..<image[axis]).contains(at) else { return -1 }
                pixel += at * imageStrides[axis]
            }
            return Int32(pixel)
        }
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { .none }
    package var spatialEffect: SpatialEffect { .window }
    package var numberEffect: NumberEffect { .other }
}
