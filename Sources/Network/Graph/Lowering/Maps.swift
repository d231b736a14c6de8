import ONNX

extension Lowering {
    /// Windows over [N, C, L] as windows over [N, C, 1, L].
    static func liftToMap(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        guard try node.shape(0).rank == 3 else { return false }
        func doubled(_ name: String, _ filler: Int64) throws(OperatorFault) -> Attribute? {
            try node.ints(name).map { .ints($0.flatMap { [filler, $0.int64] }) }
        }
        var attributes = node.node.attributes
        for (name, filler) in [
            ("kernel_shape", 1), ("strides", 1), ("dilations", 1), ("pads", 0), ("output_padding", 0),
            ("output_shape", 1),
        ] { if let lifted = try doubled(name, Int64(filler)) { attributes[name] = lifted } }
        let axis = body.integers([2])
        var inputs = [body.call("Unsqueeze", [node.name(0), axis])]
        for index in node.node.inputs.indices.dropFirst() {
            let isWeight = index == 1 && node.has(1)
            inputs.append(isWeight ? body.call("Unsqueeze", [node.name(1), axis]) : node.name(index))
        }
        guard node.node.outputs.dropFirst().allSatisfy(\.isEmpty) else {
            throw .shape("only its first output is supported")
        }
        let map = body.call(node.node.opType, inputs, attributes)
        body.finish("Squeeze", [map, axis])
        return true
    }

    /// What treats all axes after the channels alike, over [N, C, ...] as over a map of one row.
    static func foldSpatialAxes(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let input = try node.shape(0)
        guard input.rank == 3 || input.rank > 4 else { return false }
        let map = body.reshape(node.name(0), [try input[0], try input[1], 1, try input.dims[2...].product()])
        let result = body.call(node.node.opType, [map] + node.node.inputs.dropFirst(), node.node.attributes)
        let keepsExtents = node.node.opType == "BatchNormalization"
        body.finish(
            result, shape: keepsExtents ? input.dims : input.dims.enumerated().map { $0.offset < 2 ? $0.element : 1 })
        return true
    }

    /// https://onnx.ai/onnx/operators/onnx__DepthToSpace.html
    static func depthToSpace(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let (input, block) = try blocks(node)
        let (n, c, h, w) = (try input[0], try input[1], try input[2], try input[3])
        guard try c % (block * block) == 0 else { throw .shape("\(c) channels are not a multiple of blocksize^2") }
        let depth = try c / (block * block)
        let mode = try node.string("mode", default: "DCR")
        guard ["DCR", "CRD"].contains(mode) else { throw .attribute("mode", mode) }
        let isDCR = mode == "DCR"
        let blocks = body.reshape(
            node.name(0), isDCR ? [n, block, block, depth, h, w] : [n, depth, block, block, h, w])
        body.finish(
            body.transpose(blocks, isDCR ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]),
            shape: [n, depth, try h * block, try w * block])
        return true
    }

    /// https://onnx.ai/onnx/operators/onnx__SpaceToDepth.html
    static func spaceToDepth(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let (input, block) = try blocks(node)
        let (n, c, h, w) = (try input[0], try input[1], try input[2], try input[3])
        guard try h % block == 0, try w % block == 0 else {
            throw .shape("\(input) is not made of blocks of \(block) x \(block)")
        }
        let blocks = body.reshape(node.name(0), [n, c, try h / block, block, try w / block, block])
        let mode = try node.string("mode", default: "DCR")
        guard ["DCR", "CRD"].contains(mode) else { throw .attribute("mode", mode) }
        body.finish(
            body.transpose(blocks, mode == "DCR" ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4]),
            shape: [n, try c * block * block, try h / block, try w / block])
        return true
    }

    private static func blocks(_ node: NodeReader) throws(OperatorFault) -> (Extents, Extent) {
        let (input, block) = (try node.shape(0), try node.int("blocksize", default: 0))
        guard input.rank == 4, block > 0, block < 65536 else {
            throw .shape("blocks of \(block) do not fit \(input)")
        }
        return (input, block)
    }

    /// Repetitions along every axis: a new axis of each is expanded and merged.
    /// https://onnx.ai/onnx/operators/onnx__Tile.html
    static func tile(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let (input, repeats) = (try node.shape(0), try node.integers(1))
        guard repeats.count == input.rank, repeats.allSatisfy({ $0 >= 0 }) else {
            throw .shape("repeats \(repeats) do not fit \(input)")
        }
        let apart = body.reshape(node.name(0), input.dims.flatMap { [1, $0] })
        let target = body.integers(zip(repeats, input.dims).flatMap { [$0, $1] })
        let extents = try input.axes.map { axis throws(OperatorFault) in try repeats[axis] * input[axis] }
        body.finish(body.call("Expand", [apart, target]), shape: extents)
        return true
    }

    /// Places for GridSample: every pixel's own, of -1...1, turned by a matrix.
    /// https://onnx.ai/onnx/operators/onnx__AffineGrid.html
    static func affineGrid(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let (size, alignsCorners) = (try node.integers(1), try node.flag("align_corners"))
        let extents = Array(size.dropFirst(2))
        guard [2, 3].contains(extents.count), extents.allSatisfy({ $0 > 0 && $0 < 65536 }),
            try extents.product() < 16_777_216
        else {
            throw .shape("a grid for \(size) is not possible")
        }
        func place(_ index: Int, _ extent: Int) -> Float {
            if alignsCorners { return extent > 1 ? Float(2 * index) / Float(extent - 1) - 1 : 0 }
            return Float(2 * index + 1) / Float(extent) - 1
        }
        let pixels = try Shape(extents), strides = pixels.strides
        try node.countTable(Extent(pixels.count), bytes: 64)
        // x, y, (z,) 1 a row.
        let rows = (0..<pixels.count).flatMap { pixel -> [Float] in
            extents.indices.reversed().map { place(pixel / strides[$0] % pixels[$0], pixels[$0]) } + [1]
        }
        let own = body.reshape(body.numbers(rows), [Extent(pixels.count), Extent(extents.count + 1)])
        let turned = body.call("MatMul", [own, body.transpose(node.name(0), [0, 2, 1])])
        body.finish(turned, shape: [try node.shape(0)[0]] + extents + [Extent(extents.count)])
        return true
    }

    /// The middle of a tensor along some axes, with a border of 0 where it is too small.
    /// https://onnx.ai/onnx/operators/onnx__CenterCropPad.html
    static func centerCropPad(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let (input, targets) = (try node.shape(0), try node.integers(1))
        let axes = try node.axes(try node.ints("axes"), in: input)
        guard targets.count == axes.count, targets.allSatisfy({ $0 >= 0 && $0 < Window.limit }) else {
            throw .shape("extents \(targets) do not fit axes \(axes) of \(input)")
        }
        var (starts, ends, before, after): ([Extent], [Extent], [Extent], [Extent]) = ([], [], [], [])
        for (axis, target) in zip(axes, targets) {
            let start = max(0, try (input[axis] - target) / 2), missing = max(0, try target - input[axis])
            starts.append(start)
            ends.append(try start + min(input[axis], target))
            before.append(try missing / 2)
            after.append(try missing - missing / 2)
        }
        let (first, last, along) = (body.integers(starts), body.integers(ends), body.axes(axes))
        let pads = body.integers(before + after)
        body.finish("Pad", [body.call("Slice", [node.name(0), first, last, along]), pads, "", along])
        return true
    }
}
