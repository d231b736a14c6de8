/// A border of a constant, of the mirrored or of the repeated edge around a tensor.
/// https://onnx.ai/onnx/operators/onnx__Pad.html
package struct Pad: Operator {
    /// For every axis, the source index of every output index; -1 where the border's constant stands.
    package let sources: [[Int]]
    package let value: Float
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        let input = try node.shape(0)
        guard let stated = try node.ints("pads", orOperand: 1) else { throw .missingOperand(1) }
        let axes = try node.axes(node.has(3) ? try node.integers(3) : nil, in: input)
        guard stated.count == 2 * axes.count else { throw .shape("pads \(stated) do not fit \(input)") }
        value = try node.float("value", orOperand: 2) ?? 0
        let mode = try node.string("mode", default: "constant")
        guard ["constant", "reflect", "edge", "wrap"].contains(mode) else { throw .attribute("mode", mode) }
        var (dims, starts) = (input.dims, [Extent](repeating: 0, count: input.rank))
        for (i, axis) in axes.enumerated() {
            let (before, after) = (stated[i], stated[i + axes.count])
            let count = try input[axis] + before + after
            guard max(before, after) <= Window.limit, min(before, after) >= (try -Window.limit), try input[axis] > 0,
                count >= 0
            else { throw .shape("pads \(stated) do not fit \(input)") }
            (dims[axis], starts[axis]) = (count, try -before)
        }
        let output = try node.output(try Shape(dims))
        try node.countTable(try dims.sum())
        outputShapes = [output]
        sources = input.axes.map { axis in
            let start = starts[axis].value
            return (start..<start + output[axis]).map { Self.source($0, input.shape[axis], mode) }
        }
    }

    /// Where the number at a place, which may lie outside the axis, comes from.
    private static func source(_ at: Int, _ extent: Int, _ mode: String) -> Int {
        if (0..<extent).contains(at) { return at }
        switch mode {
        case "edge": return min(max(at, 0), extent - 1)
        case "wrap": return (at % extent + extent) % extent
        case "reflect":
            let period = max(1, 2 * (extent - 1))
            let folded = (at % period + period) % period
            return folded < extent ? folded : period - folded
        default: return -1
        }
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { IntegerUse([0, 2], .moved) }
    package var spatialEffect: SpatialEffect { .resize }
    package var numberEffect: NumberEffect { .other }
}
