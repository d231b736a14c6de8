import ONNX

extension Lowering {
    /// softmax(softcap(Q K^T * scale) + mask) V, head by head; key and value heads are shared where there are fewer of
    /// them.
    /// https://onnx.ai/onnx/operators/onnx__Attention.html
    static func attention(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        if node.has(6) { throw .shape("operand 6, the lengths without padding, is not supported") }
        let isFlat = try node.shape(0).rank == 3
        let (queryHeads, keyHeads) = (try node.int("q_num_heads"), try node.int("kv_num_heads"))
        var (q, queries) = try heads(node, 0, queryHeads, &body)
        var (k, keys) = try heads(node, 1, keyHeads, &body)
        var (v, values) = try heads(node, 2, keyHeads, &body)
        let past = node.has(4) ? try node.shape(4).dims : nil
        if let past {
            guard past.count == 4, keys.count == 4, values.count == 4, node.has(5) else {
                throw .shape("past keys and values do not fit")
            }
            (k, v) = (
                body.call("Concat", [node.name(4), k], ["axis": .int(2)]),
                body.call("Concat", [node.name(5), v], ["axis": .int(2)])
            )
            (keys[2], values[2]) = (try keys[2] + past[2], try values[2] + past[2])
        }
        guard queries.count == 4, keys.count == 4, values.count == 4, keys[1] > 0, try queries[1] % keys[1] == 0,
            values[1] == keys[1]
        else {
            throw .shape("queries \(queries), keys \(keys) and values \(values) do not fit together")
        }
        body.finish("Identity", [k], output: 1)
        body.finish("Identity", [v], output: 2)
        let shares = try queries[1] / keys[1]
        if shares > 1 { (k, v) = (try repeated(k, keys, shares, &body), try repeated(v, values, shares, &body)) }

        let root = Float(
            Double(try node.float("scale", default: 1 / Float(queries[3].value).squareRoot())).squareRoot())
        let factor = body.number(root)
        q = body.call("Mul", [q, factor])
        k = body.call("Mul", [body.transpose(k, [0, 1, 3, 2]), factor])
        var scores = body.call("MatMul", [q, k])
        let mode = try node.int("qk_matmul_output_mode", default: 0)
        if mode == 0 { body.finish("Identity", [scores], output: 3) }
        let cap = try node.float("softcap", default: 0)
        if cap > 0 {
            let limit = body.number(cap)
            scores = body.call("Mul", [body.call("Tanh", [body.call("Div", [scores, limit])]), limit])
        }
        if mode == 1 { body.finish("Identity", [scores], output: 3) }
        var blind: String?
        if let mask = try bias(node, rows: queries[2], columns: keys[2], past: past?[2] ?? 0, &body) {
            if mode == 2 { body.finish("Add", [scores, mask], output: 3) }
            let last = body.axes([-1])
            let (zero, nothing) = (body.number(0), body.number(-.infinity))
            let isBlind = body.call("Equal", [body.call("ReduceMax", [mask, last]), nothing])
            scores = body.call("Add", [scores, body.call("Where", [isBlind, zero, mask])])
            blind = isBlind
        } else if mode == 2 {
            body.finish("Identity", [scores], output: 3)
        }
        var weights = body.call("Softmax", [scores], ["axis": .int(-1)])
        if let blind {
            // A query that may look at nothing gets nothing.
            let zero = body.number(0)
            weights = body.call("Where", [blind, zero, weights])
        }
        if mode == 3 { body.finish("Identity", [weights], output: 3) }
        guard isFlat else {
            body.finish("MatMul", [weights, v])
            return true
        }
        let joined = body.transpose(body.call("MatMul", [weights, v]), [0, 2, 1, 3])
        body.finish(joined, shape: [queries[0], queries[2], try queries[1] * values[3]])
        return true
    }

    /// An operand as [batch, heads, length, size].
    private static func heads(
        _ node: NodeReader, _ index: Int, _ heads: Extent?, _ body: inout Lowering
    ) throws(OperatorFault) -> (String, [Extent]) {
        let shape = try node.shape(index)
        guard shape.rank == 3 else { return (node.name(index), shape.dims) }
        guard let heads, heads > 0, try shape[2] % heads == 0 else {
            throw .shape("\(shape) is not made of \(heads ?? 0) heads")
        }
        let apart = body.reshape(node.name(index), [try shape[0], try shape[1], heads, try shape[2] / heads])
        return (body.transpose(apart, [0, 2, 1, 3]), [try shape[0], heads, try shape[1], try shape[2] / heads])
    }

    /// Every head several times in a row.
    private static func repeated(
        _ value: String, _ dims: [Extent], _ times: Extent, _ body: inout Lowering
    ) throws(OperatorFault) -> String {
        let apart = body.reshape(value, [dims[0], dims[1], 1, dims[2], dims[3]])
        let target = body.integers([dims[0], dims[1], times, dims[2], dims[3]])
        return body.reshape(body.call("Expand", [apart, target]), [dims[0], try dims[1] * times, dims[2], dims[3]])
    }

    /// What is added to the scores: 0, the mask's own numbers, or -infinity where nothing may be looked at.
    private static func bias(
        _ node: NodeReader, rows: Extent, columns: Extent, past: Extent, _ body: inout Lowering
    ) throws(OperatorFault) -> String? {
        var mask: String?
        let (zero, nothing) = (body.number(0), body.number(-.infinity))
        if node.has(3) {
            var given = node.name(3)
            if node.type(3) == .bool { given = body.call("Where", [given, zero, nothing]) }
            let missing = try columns - (node.shape(3).dims.last ?? columns)
            if missing > 0 {
                let (pads, axes) = (body.integers([0, missing]), body.integers([-1]))
                given = body.call("Pad", [given, pads, nothing, axes])
            }
            mask = given
        }
        let (left, right) = (
            try node.int("left_window_size", default: -1), try node.int("right_window_size", default: -1)
        )
        // From how many keys before a query's own to how many after it.
        let limits = [
            (left, true, try past - left), (right, false, try past + right),
            (try node.flag("is_causal") ? 0 : -1, false, past),
        ]
        for (size, isUpper, diagonal) in limits where size >= 0 && size < 16_777_216 {
            let (one, shape, place) = (body.number(1), body.integers([rows, columns]), body.integers([diagonal]))
            let allowed = body.call(
                "Trilu", [body.call("Expand", [one, shape]), place], ["upper": .int(isUpper ? 1 : 0)])
            let band = body.call("Where", [allowed, zero, nothing])
            mask = mask.map { body.call("Add", [$0, band]) } ?? band
        }
        return mask
    }
}
