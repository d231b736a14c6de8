/// Blocks of pixels laid over one another and summed, the way back of a sliding window (PyTorch's fold).
/// https://onnx.ai/onnx/operators/onnx__Col2Im.html
package struct Col2Im: Operator {
    /// For every element of an image's channel in the operand, [block's pixels, blocks], its pixel; -1 where that is
    /// padding.
    package let pixels: [Int32]
    package let maps, area: Int
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let (input, extents, block) = (try node.shape(0), try node.integers(1), try node.integers(2))
        let axes = extents.indices
        let strides = try node.ints("strides") ?? axes.map { _ in 1 }
        let dilations = try node.ints("dilations") ?? axes.map { _ in 1 }
        let pads = try node.ints("pads") ?? axes.flatMap { _ in [0, 0] }
        guard input.rank == 3, !extents.isEmpty, [block, strides, dilations].allSatisfy({ $0.count == extents.count }),
            pads.count == 2 * extents.count,
            (extents + block + strides + dilations).allSatisfy({ $0 > 0 && $0 < 1 << 20 }),
            pads.allSatisfy({ $0 >= 0 && $0 < 1 << 20 })
        else { throw .shape("blocks of \(block) of an image of \(extents) do not fit \(input)") }
        let counts = axes.map {
            (extents[$0] + pads[$0] + pads[$0 + extents.count] - dilations[$0] * (block[$0] - 1) - 1) / strides[$0] + 1
        }
        let (taps, blocks, image) = (Shape(block), Shape(counts), Shape(extents))
        guard counts.allSatisfy({ $0 > 0 }), input[1] % taps.count == 0, input[2] == blocks.count else {
            throw .shape("blocks of \(block) of an image of \(extents) are not \(input)")
        }
        guard image.count <= Int32.max else { throw .shape("an image of \(extents) is too large") }
        _ = try node.constant(Shape([taps.count, blocks.count]))
        let (tapStrides, blockStrides, imageStrides) = (taps.strides, blocks.strides, image.strides)
        pixels = (0..<taps.count * blocks.count).map { element in
            let (tap, place) = element.quotientAndRemainder(dividingBy: blocks.count)
            var pixel = 0
            for axis in axes {
                let at =
                    place / blockStrides[axis] % counts[axis] * strides[axis] + tap / tapStrides[axis] % block[axis]
                    * dilations[axis] - pads[axis]
                guard (0..<extents[axis]).contains(at) else { return -1 }
                pixel += at * imageStrides[axis]
            }
            return Int32(pixel)
        }
        let channels = input[1] / taps.count
        (maps, area) = (input[0] * channels, image.count)
        outputShapes = [try Fold.checked(Shape([input[0], channels] + extents))]
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { .none }
    package var spatialEffect: SpatialEffect { .window }
    package var numberEffect: NumberEffect { .other }
}
