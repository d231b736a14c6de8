import ONNX

extension Lowering {
    /// Gather at computed indices: the axis is brought to the front, where GatherND picks its rows.
    static func gatherComputed(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        guard case .value(_, let indices)? = node.operand(1) else { return false }
        let input = try node.shape(0)
        let axis = try node.axis(try node.int("axis", default: 0), in: input)
        let rows = body.reshape(node.name(1), indices.dims + [1])
        let others = input.dims.indices.filter { $0 != axis }
        let picked = body.call("GatherND", [body.transpose(node.name(0), [axis] + others), rows])
        let after = others.indices.map { indices.rank + $0 }
        body.finish(
            "Transpose", [picked],
            ["perm": .ints((after[..<axis] + (0..<indices.rank) + after[axis...]).map(Int64.init))])
        return true
    }

    /// on where a class is the one that is indexed, else off. https://onnx.ai/onnx/operators/onnx__OneHot.html
    static func oneHot(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let indices = try node.shape(0)
        let depth: Int? =
            if case .floats(_, let value)? = node.operand(1) { value.values.first.flatMap { Int(exactly: $0) } } else {
                try node.integers(1).first
            }
        guard let depth, depth > 0, depth < 1 << 24 else { throw .shape("a depth of \(depth ?? 0) is not possible") }
        var dims = [Int](repeating: 1, count: indices.rank + 1)
        let axis = try node.axis(try node.int("axis", default: -1), in: Shape(dims))
        dims[axis] = depth
        let classes = body.reshape(body.integers(Array(0..<depth)), dims)
        let place = body.integers([axis])
        let index = body.call("Unsqueeze", [node.name(0), place])
        // An index may count from the end.
        let count = node.operand(0).map(\.isInteger) ?? false ? body.integers([depth]) : body.number(Float(depth))
        let fromEnd = body.call("Equal", [body.call("Add", [index, count]), classes])
        let isOn = body.call("Or", [body.call("Equal", [index, classes]), fromEnd])
        let (first, second) = (body.integers([0]), body.integers([1]))
        let (off, on) = (body.call("Gather", [node.name(2), first]), body.call("Gather", [node.name(2), second]))
        body.finish("Where", [isOn, on, off])
        return true
    }

    /// 1 at the first greatest element along an axis, else 0; before opset 13 along everything after the axis.
    /// https://onnx.ai/onnx/operators/onnx__Hardmax.html
    static func hardmax(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let input = try node.shape(0)
        let axis = try node.axis(try node.int("axis", default: node.opset < 13 ? 1 : -1), in: input)
        let extent = node.opset < 13 ? input.dims[axis...].reduce(1, *) : input[axis]
        let lines =
            node.opset < 13 ? body.reshape(node.name(0), [input.dims[..<axis].reduce(1, *), extent]) : node.name(0)
        let along = Attribute.int(Int64(node.opset < 13 ? 1 : axis))
        let best = body.call("ArgMax", [lines], ["axis": along, "keepdims": .int(0)])
        let depth = body.integers([extent]), levels = body.numbers([0, 1])
        body.finish(body.call("OneHot", [best, depth, levels], ["axis": along]), shape: input.dims)
        return true
    }

    /// The elements, or slices along an axis, where a constant is true.
    /// https://onnx.ai/onnx/operators/onnx__Compress.html
    static func compress(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let kept = try node.integers(1).enumerated().filter { $0.element != 0 }.map(\.offset)
        guard let axis = try node.int("axis") else {
            let flat = body.reshape(node.name(0), [try node.shape(0).count]), indices = body.integers(kept)
            body.finish("Gather", [flat, indices])
            return true
        }
        let indices = body.integers(kept)
        body.finish("Gather", [node.name(0), indices], ["axis": .int(Int64(axis))])
        return true
    }

    /// 1 on a diagonal of a matrix of another's shape, else 0. https://onnx.ai/onnx/operators/onnx__EyeLike.html
    static func eyeLike(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let (shape, diagonal) = (try node.shape(0), try node.int("k", default: 0))
        guard shape.rank == 2, shape.count < 1 << 24 else { throw .shape("\(shape) is not a matrix") }
        let eye = (0..<shape.count).map { $0 % shape[1] - $0 / shape[1] == diagonal ? 1 : 0 }
        let type = try node.int("dtype") ?? (node.operand(0)?.isInteger ?? false ? 7 : 1)
        body.finish("Cast", [body.reshape(body.integers(eye), shape.dims)], ["to": .int(Int64(type))])
        return true
    }
}
