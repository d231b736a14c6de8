import ONNX

/// ONNX Runtime's operators of transformers.
extension Lowering {
    /// Self-attention with its three projections in one product; (input, weights, bias, mask, past, addend of the
    /// scores).
    static func fusedAttention(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        for index in [3, 4, 6] where node.has(index) {
            throw .shape("operand \(index), a mask or a cache, is not supported; export the network without it")
        }
        let weights = try node.shape(1)
        guard weights.rank == 2 else { throw .shape("weights of shape \(weights) are not a matrix") }
        var projected = body.call("MatMul", [node.name(0), node.name(1)])
        if node.has(2) { projected = body.call("Add", [projected, node.name(2)]) }
        let third = try weights[1] / 3, sizes = try node.ints("qkv_hidden_sizes") ?? [third, third, third]
        guard sizes.count == 3, sizes.allSatisfy({ $0 >= 0 }), try sizes.sum() == weights[1]
        else { throw .shape("weights of shape \(weights) do not make up three projections") }
        try attend(try split(projected, sizes, axis: 2, &body), node, addend: 5, &body)
        return true
    }

    /// Attention of given queries, keys and values, to which a bias in three parts is added; (query, key, value, bias,
    /// mask, addend of the scores).
    static func multiHeadAttention(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        for index in [4, 6, 7] where node.has(index) {
            throw .shape("operand \(index), a mask or a cache, is not supported; export the network without it")
        }
        guard try node.shape(0).rank == 3, node.has(1), node.has(2), try node.shape(1).rank == 3,
            try node.shape(2).rank == 3
        else {
            throw .shape(
                "queries, keys and values in one tensor, or per head, are not supported; give the file as it was "
                    + "before it was optimised"
            )
        }
        var operands = [node.name(0), node.name(1), node.name(2)]
        if node.has(3) {
            var sizes: [Extent] = []
            for index in 0..<3 { sizes.append(try node.shape(index)[2]) }
            operands = zip(operands, try split(node.name(3), sizes, axis: 0, &body)).map { body.call("Add", [$0, $1]) }
        }
        try attend(operands, node, addend: 5, &body)
        return true
    }

    private static func split(
        _ value: String, _ sizes: [Extent], axis: Int, _ body: inout Lowering
    ) throws(OperatorFault) -> [String] {
        let along = body.axes([axis])
        return try sizes.indices.map { part throws(OperatorFault) in
            let (start, end) = (try sizes[..<part].sum(), try sizes[...part].sum())
            let (first, last) = (body.integers([start]), body.integers([end]))
            return body.call("Slice", [value, first, last, along])
        }
    }

    private static func attend(_ operands: [String], _ node: NodeReader, addend: Int, _ body: inout Lowering)
        throws(OperatorFault)
    {
        guard let heads = try node.int("num_heads"), node.node.outputs.dropFirst().allSatisfy(\.isEmpty) else {
            throw .shape("its number of heads is missing, or a cache is asked for, which is not supported")
        }
        var attributes: [String: Attribute] = ["q_num_heads": .int(heads.int64), "kv_num_heads": .int(heads.int64)]
        let scale = try node.float("scale", default: 0)
        if scale != 0 { attributes["scale"] = .float(scale) }
        if try node.flag("unidirectional") { attributes["is_causal"] = .int(1) }
        body.finish("Attention", operands + (node.has(addend) ? [node.name(addend)] : []), attributes)
    }

    /// A product with weights of few bits, one scale for a block of every column: (x, weights, scales, zero points,
    /// order, bias).
    static func fewBitsProduct(_ node: NodeReader, _ body: inout Lowering) throws(OperatorFault) -> Bool {
        let (bits, size) = (try node.int("bits", default: 4), try node.int("block_size", default: 32))
        let (rows, columns) = (try node.int("K", default: 0), try node.int("N", default: 0))
        guard [2, 4, 8].contains(bits), [rows, columns, size].allSatisfy({ $0 > 0 && $0 < 16_777_216 }),
            try size * bits % 8 == 0
        else {
            throw .shape("\(rows) x \(columns) weights of \(bits) bits in blocks of \(size) are not supported")
        }
        if node.has(4) { throw .shape("operand 4, another order of the rows, is not supported") }
        let (packed, scales) = (try node.wholeNumbers(1).values, try node.floats(2).storage)
        let form = FewBits(
            bits: bits.value, size: size.value, rows: rows.value, columns: columns.value,
            blocks: try ((rows + size - 1) / size).value)
        guard Extent(packed.count) == (try columns * Extent(form.blocks) * size * bits / 8),
            scales.count == form.scaleCount
        else {
            throw .shape(
                "\(packed.count) bytes of weights and \(scales.count) scales do not fit \(columns) columns of \(rows)")
        }
        let zeros: (Int, Int) -> Float
        switch node.operand(3) {
        case nil: zeros = { _, _ in Float(1 << (form.bits - 1)) }
        case .floats(_, let storage)? where storage.count == form.scaleCount:
            zeros = { storage[$0 * form.blocks + $1] }
        case .integers(_, let values)? where values.count == form.columns * form.zeroBytes:
            zeros = { form.part(values, $0 * form.zeroBytes, $1) }
        default: throw .shape("zero points do not fit \(columns) columns of \(form.blocks) blocks")
        }
        // Floats as they are computed, as a constant, and in their shape, of four bytes each.
        _ = try node.constant(try Shape([rows, columns]), copies: 2)
        let weights = form.weights(packed, scales, zeros)
        let product = body.call("MatMul", [node.name(0), body.reshape(body.numbers(weights), [rows, columns])])
        if node.has(5) { body.finish("Add", [product, node.name(5)]) } else { body.finish("Identity", [product]) }
        return true
    }
}

/// How weights of few bits lie: column by column, in blocks of one scale, the lowest bits of a byte first.
private struct FewBits {
    let bits, size, rows, columns, blocks: Int

    private var perByte: Int { 8 / bits }
    private var blockBytes: Int { size / perByte }
    var zeroBytes: Int { (blocks + perByte - 1) / perByte }
    var scaleCount: Int { columns * blocks }

    /// The number at a place after a byte.
    func part(_ bytes: [Int64], _ byte: Int, _ index: Int) -> Float {
        Float(bytes[byte + index / perByte] >> Int64(index % perByte * bits) & (1 << bits - 1))
    }

    /// As a matrix of rows by columns.
    func weights(_ packed: [Int64], _ scales: FloatStorage, _ zeros: (Int, Int) -> Float) -> [Float] {
        var weights = [Float](repeating: 0, count: rows * columns)
        for column in 0..<columns {
            for row in 0..<rows {
                let block = column * blocks + row / size
                weights[row * columns + column] =
                    (part(packed, block * blockBytes, row % size) - zeros(column, row / size)) * scales[block]
            }
        }
        return weights
    }
}
