/// A border of a constant, of the mirrored or of the repeated edge around a tensor.
/// https://onnx.ai/onnx/operators/onnx__Pad.html
package struct Pad: Operator {
    /// For every axis, the source index of every output index; -1 where the border's constant stands.
    package let sources: [[Int]]
    package let value: Float
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        if case .integers = try node.required(0) { throw .notFloat(0) }
        let input = try node.shape(0)
        guard let stated = try node.ints("pads", orOperand: 1) else { throw .missingOperand(1) }
        let axes = node.has(3) ? try node.axes(try node.integers(3), in: input) : Array(0..<input.rank)
        guard stated.count == 2 * axes.count else { throw .shape("pads \(stated) do not fit \(input)") }
        value = try node.float("value", orOperand: 2) ?? 0
        let mode = try node.string("mode", default: "constant")
        guard ["constant", "reflect", "edge", "wrap"].contains(mode) else { throw .attribute("mode", mode) }
        var sources = input.dims.map { Array(0..<$0) }
        for (i, axis) in axes.enumerated() {
            let (before, after, extent) = (stated[i], stated[i + axes.count], input[axis])
            let countable = -(1 << 20)...1 << 20
            guard countable.contains(before), countable.contains(after), extent > 0, extent + before + after >= 0 else {
                throw .shape("pads \(stated) do not fit \(input)")
            }
            let count = extent + before + after
            sources[axis] = (0..<count).map { index in
                let at = index - before
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
        }
        self.sources = sources
        outputShapes = [Shape(sources.map(\.count))]
    }
}
