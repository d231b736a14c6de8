import ONNX

extension Lowering {
    /// Gather at computed indices: the axis is brought to the front, where GatherND picks its rows.
    static func gatherComputed(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        guard case .value? = node.operand(1) else { return false }
        let indices = try node.shape(1)
        let input = try node.shape(0)
        let axis = try node.axis(of: input, default: 0)
        let rows = body.reshape(node.name(1), indices.dims + [1])
        let others = input.axes.filter { $0 != axis }
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
        let depth: Extent? =
            if case .floats(_, let value)? = node.operand(1) {
                value.count > 0 ? try Extent(Double(value[0])) : nil
            } else {
                try node.integers(1).first
            }
        guard let depth, depth > 0, depth < 16_777_216 else { throw .shape("a depth of \(depth ?? 0) is not possible") }
        var dims = [Extent](repeating: 1, count: indices.rank + 1)
        let axis = try node.axis(of: Extents(try Shape(dims)), default: -1)
        dims[axis] = depth
        _ = try node.constant(.vector(depth.value))
        let classes = body.reshape(body.wholeNumbers(Array(0..<depth.int64)), dims)
        let place = body.axes([axis])
        // Indices of any type are those of int64 that they are cast to.
        let isInteger = node.operand(0)?.isInteger ?? false
        let whole = isInteger ? node.name(0) : body.call("Cast", [node.name(0)], ["to": .int(7)])
        let index = body.call("Unsqueeze", [whole, place])
        // An index may count from the end.
        let count = isInteger ? body.integers([depth]) : body.number(Float(depth.value))
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
        let axis = try node.axis(of: input, default: node.opset < 13 ? 1 : -1)
        let extent = node.opset < 13 ? try input.dims[axis...].product() : try input[axis]
        let lines =
            node.opset < 13
            ? body.reshape(node.name(0), [try input.dims[..<axis].product(), extent]) : node.name(0)
        let along = Attribute.int(Int64(node.opset < 13 ? 1 : axis))
        let best = body.call("ArgMax", [lines], ["axis": along, "keepdims": .int(0)])
        let depth = body.integers([extent]), levels = body.numbers([0, 1])
        body.finish(body.call("OneHot", [best, depth, levels], ["axis": along]), shape: input.dims)
        return true
    }

    /// The elements, or slices along an axis, where a constant is true.
    /// https://onnx.ai/onnx/operators/onnx__Compress.html
    static func compress(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let (shape, isKept) = try node.wholeNumbers(1)
        _ = try node.constant(shape.shape, copies: 2)
        let kept = isKept.indices.filter { isKept[$0] != 0 }.map(Int64.init)
        guard let axis = try node.int("axis") else {
            let flat = body.reshape(node.name(0), [try node.shape(0).count]), indices = body.wholeNumbers(kept)
            body.finish("Gather", [flat, indices])
            return true
        }
        let indices = body.wholeNumbers(kept)
        body.finish("Gather", [node.name(0), indices], ["axis": .int(axis.int64)])
        return true
    }

    /// 1 on a diagonal of a matrix of another's shape, else 0. https://onnx.ai/onnx/operators/onnx__EyeLike.html
    static func eyeLike(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let (shape, diagonal) = (try node.shape(0), try node.int("k", default: 0))
        guard shape.rank == 2, shape.count < 16_777_216 else { throw .shape("\(shape) is not a matrix") }
        _ = try node.constant(shape.shape)
        let eye = try (0..<shape.shape.count).map { place throws(OperatorFault) -> Int64 in
            let (row, column) = (try Extent(place) / shape[1], try Extent(place) % shape[1])
            let isOn = try column - row == diagonal
            return isOn ? 1 : 0
        }
        let type = try node.int("dtype") ?? (node.operand(0)?.isInteger ?? false ? 7 : 1)
        body.finish("Cast", [body.reshape(body.wholeNumbers(eye), shape.dims)], ["to": .int(type.int64)])
        return true
    }
}
