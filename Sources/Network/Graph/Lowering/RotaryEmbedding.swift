import ONNX

extension Lowering {
    /// Pairs of a head's numbers turned by the angle of their position: (a cos - b sin, a sin + b cos).
    /// https://onnx.ai/onnx/operators/onnx__RotaryEmbedding.html; Su et al. 2021, https://arxiv.org/abs/2104.09864
    static func rotaryEmbedding(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let shape = try node.shape(0)
        var (x, dims) = (node.name(0), shape.dims)
        // As [batch, length, heads, size].
        if shape.rank == 4 {
            (x, dims) = (body.transpose(x, [0, 2, 1, 3]), [try shape[0], try shape[2], try shape[1], try shape[3]])
        } else {
            let heads = try node.int("num_heads", default: 0)
            guard shape.rank == 3, heads > 0, try shape[2] % heads == 0 else {
                throw .shape("\(shape) is not made of \(heads) heads")
            }
            dims = [try shape[0], try shape[1], heads, try shape[2] / heads]
            x = body.reshape(x, dims)
        }
        let stated = try node.int("rotary_embedding_dim", default: 0)
        let size = stated > 0 ? stated : dims[3]
        guard try size % 2 == 0, size <= dims[3] else {
            throw .shape("\(size) of a head's \(dims[3]) numbers cannot be turned in pairs")
        }
        func angles(_ index: Int) throws(OperatorFault) -> String {
            let table = node.has(3) ? body.call("Gather", [node.name(index), node.name(3)]) : node.name(index)
            let axis = body.axes([2])
            return body.call("Unsqueeze", [table, axis])
        }
        let (cosine, sine) = (try angles(1), try angles(2))
        func part(_ first: Extent, _ last: Extent, step: Extent = 1) -> String {
            let (start, end, axis, stride) = (
                body.integers([first]), body.integers([last]), body.axes([3]), body.integers([step])
            )
            return body.call("Slice", [x, start, end, axis, stride])
        }
        let interleaved = try node.flag("interleaved")
        let middle = try size / 2
        let a = interleaved ? part(0, size, step: 2) : part(0, middle)
        let b = interleaved ? part(1, size, step: 2) : part(middle, size)
        let real = body.call("Sub", [body.call("Mul", [a, cosine]), body.call("Mul", [b, sine])])
        let imaginary = body.call("Add", [body.call("Mul", [a, sine]), body.call("Mul", [b, cosine])])
        var turned: String
        if interleaved {
            let half = Array(dims.dropLast()) + [middle, 1]
            let pairs = body.call(
                "Concat", [body.reshape(real, half), body.reshape(imaginary, half)], ["axis": .int(4)])
            turned = body.reshape(pairs, dims.dropLast() + [size])
        } else {
            turned = body.call("Concat", [real, imaginary], ["axis": .int(3)])
        }
        if size < dims[3] { turned = body.call("Concat", [turned, part(size, dims[3])], ["axis": .int(3)]) }
        if shape.rank == 4 { turned = body.transpose(turned, [0, 2, 1, 3]) }
        body.finish(turned, shape: shape.dims)
        return true
    }
}
