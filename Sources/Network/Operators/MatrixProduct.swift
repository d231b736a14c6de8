/// Gemm (alpha * op(A) * op(B) + beta * C) and MatMul with batch axes, on constant or computed operands.
/// https://onnx.ai/onnx/operators/onnx__Gemm.html, onnx__MatMul.html
package struct MatrixProduct: Operator {
    /// Rows, columns and inner extent of one product.
    package let m, n, k: Int
    /// How many products one image takes.
    package let products: Int
    /// The axes over which there are many, the innermost first: floats from one matrix to the next in A and in B; 0 where
    /// it is broadcast.
    private let batch: [(extent: Int, a: Int, b: Int)]
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
        let (stepsA, stepsB) = (
            ownA.steps(in: batch, of: try (rows * inner).value), ownB.steps(in: batch, of: try (inner * columns).value)
        )
        // The rows of all matrices are those of one, where each is multiplied by the same constant.
        let all = try rows * Extents(batch).count
        if weights != nil, !transposesA, ownB.count == 1, all <= .mostInt32 {
            (products, self.batch, m) = (1, [], all.value)
        } else {
            products = batch.count
            self.batch = batch.dims.indices.reversed().map { (batch[$0], stepsA[$0], stepsB[$0]) }
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

    /// Where a product of one image begins in A, B and the output.
    package func offsets(_ product: Int) -> (a: Int, b: Int, y: Int) {
        var (rest, a, b) = (product, 0, 0)
        for axis in batch {
            let (next, index) = rest.quotientAndRemainder(dividingBy: axis.extent)
            (rest, a, b) = (next, a + index * axis.a, b + index * axis.b)
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
    /// Numbers from one matrix to the next along each axis of a batch to which this one broadcasts, each of so many; 0
    /// where it is broadcast.
    fileprivate func steps(in batch: Shape, of size: Int) -> [Int] {
        let (strides, missing) = (strides, batch.rank - rank)
        return batch.dims.indices.map { axis in
            let mine = axis - missing
            return mine >= 0 && self[mine] > 1 ? strides[mine] * size : 0
        }
    }
}
