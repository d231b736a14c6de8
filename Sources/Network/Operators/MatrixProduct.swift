/// Gemm (alpha * op(A) * op(B) + beta * C) and MatMul with batch axes, on constant or computed operands.
/// https://onnx.ai/onnx/operators/onnx__Gemm.html, onnx__MatMul.html
package struct MatrixProduct: Operator {
    /// Rows, columns and inner extent of one product.
    package let m, n, k: Int
    /// How many products one image takes.
    package let products: Int
    /// The axes over which there are many, the innermost first, with those of A and of B; nil where it is broadcast.
    private let batch: [(extent: Int, a: Int?, b: Int?)]
    package let transposesA, transposesB: Bool
    package let alpha: Float
    /// beta * C where C is a constant with one number a column.
    package let bias: [Float]?
    /// beta where C is of another shape or computed; nil: there is no such C.
    package let addendFactor: Float?
    /// B where it is constant.
    package private(set) var weights: FloatStorage?
    package var bIsConstant: Bool { weights != nil }
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        for index in 1...2 where node.operand(index)?.isInteger ?? false { throw .notFloat(index) }
        var (a, b) = (try node.shape(0).dims, try node.shape(1).dims)
        weights = if case .floats(_, let storage) = try node.required(1) { storage } else { nil }
        let isGemm = node.node.opType == "Gemm"
        transposesA = isGemm ? try node.flag("transA") : false
        transposesB = isGemm ? try node.flag("transB") : false
        alpha = try node.float("alpha", default: 1)
        let mismatch = OperatorFault.shape("operands of shapes \(a) and \(b) cannot be multiplied")
        guard !a.isEmpty, !b.isEmpty, !isGemm || (a.count == 2 && b.count == 2) else { throw mismatch }
        let (vectorA, vectorB) = (a.count == 1, b.count == 1)
        if vectorA { a.insert(1, at: 0) }
        if vectorB { b.append(1) }
        if transposesA { a.swapAt(0, 1) }
        if transposesB { b.swapAt(0, 1) }
        let (rows, inner, columns) = (a[a.count - 2], a[a.count - 1], b[b.count - 1])
        let (ownA, ownB) = (try Shape(a.dropLast(2)), try Shape(b.dropLast(2)))
        guard b[b.count - 2] == inner, rows > 0, columns > 0, inner > 0, let batch = try Shape.broadcast(ownA, ownB)
        else { throw mismatch }
        guard max(rows, columns, inner) <= .mostInt32 else {
            throw .shape("operands of shapes \(a) and \(b) are too large to multiply")
        }
        let product = try Shape(Extents(batch).dims + (vectorA ? [] : [rows]) + (vectorB ? [] : [columns]))
        // The rows of all matrices are those of one, where each is multiplied by the same constant.
        let all = try rows * Extents(batch).count
        if weights != nil, !transposesA, ownB.count == 1, all <= .mostInt32 {
            (products, self.batch, m) = (1, [], all.value)
        } else {
            products = batch.count
            self.batch = batch.dims.indices.reversed().map {
                (batch[$0], ownA.axis($0, in: batch), ownB.axis($0, in: batch))
            }
            m = rows.value
        }
        (n, k) = (columns.value, inner.value)
        outputShapes = [product]
        (bias, addendFactor) = isGemm && node.has(2) ? try Self.addend(node, product) : (nil, nil)
    }

    /// Gemm's C.
    private static func addend(
        _ node: NodeReader, _ output: Shape
    ) throws(OperatorFault) -> (bias: [Float]?, factor: Float?) {
        let addend = try node.required(2)
        let beta = try node.float("beta", default: 1)
        guard try Shape.broadcast(addend.shape, output) == output else {
            throw .shape("an addend of shape \(addend.shape) does not fit \(output)")
        }
        guard case .floats(let shape, let storage) = addend, storage.count == shape.dims.last ?? 1 else {
            return (nil, beta)
        }
        return ((0..<output[1]).map { beta * storage[storage.count == 1 ? 0 : $0] }, nil)
    }

    /// Where a product of one image begins in A and B, which lie by these strides, and in the output.
    package func offsets(_ product: Int, _ stridesA: [Int], _ stridesB: [Int]) -> (a: Int, b: Int, y: Int) {
        var (rest, a, b) = (product, 0, 0)
        for axis in batch {
            let (next, index) = rest.quotientAndRemainder(dividingBy: axis.extent)
            rest = next
            if let own = axis.a { a += index * stridesA[own] }
            if let own = axis.b { b += index * stridesB[own] }
        }
        return (a, b, product * m * n)
    }

    package func with(weights: FloatStorage) -> any Operator {
        var other = self
        if bIsConstant { other.weights = weights }
        return other
    }

    package static func integers(_ node: NodeReader) -> IntegerUse { .none }
    package var spatialEffect: SpatialEffect { .rows }
    package var numberEffect: NumberEffect { .mixed }
    package var operations: Double { Double(products) * Double(m) * Double(n) * Double(k) }
}

extension Shape {
    /// The axis that becomes one of a batch, to which this shape broadcasts; nil where it has one element there.
    fileprivate func axis(_ axis: Int, in batch: Shape) -> Int? {
        let own = axis - (batch.rank - rank)
        return own >= 0 && self[own] > 1 ? own : nil
    }
}
