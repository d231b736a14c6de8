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
    package let bIsConstant: Bool
    package let outputShapes: [Shape]

    package init(_ node: NodeReader) throws(OperatorFault) {
        for index in 0..<2 { if case .integers = try node.required(index) { throw .notFloat(index) } }
        var (a, b) = (try node.shape(0).dims, try node.shape(1).dims)
        bIsConstant = try node.required(1).isConstant
        let isGemm = node.node.opType == "Gemm"
        transposesA = isGemm ? try node.flag("transA") : false
        transposesB = isGemm ? try node.flag("transB") : false
        alpha = try node.float("alpha", default: 1)
        let mismatch = OperatorFault.shape("operands of shapes \(Shape(a)) and \(Shape(b)) cannot be multiplied")
        guard !a.isEmpty, !b.isEmpty, !isGemm || (a.count == 2 && b.count == 2) else { throw mismatch }
        let (vectorA, vectorB) = (a.count == 1, b.count == 1)
        if vectorA { a.insert(1, at: 0) }
        if vectorB { b.append(1) }
        if transposesA { a.swapAt(0, 1) }
        if transposesB { b.swapAt(0, 1) }
        (m, k, n) = (a[a.count - 2], a[a.count - 1], b[b.count - 1])
        guard b[b.count - 2] == k, let batch = Shape.broadcast(Shape(a.dropLast(2)), Shape(b.dropLast(2))) else {
            throw mismatch
        }

        guard m > 0, n > 0, k > 0 else { throw mismatch }
        guard max(m, n, k) <= Int32.max else {
            throw .shape("operands of shapes \(Shape(a)) and \(Shape(b)) are too large to multiply")
        }
        func steps(_ dims: ArraySlice<Int>, size: Int) -> [Int] {
            let own = Shape(Array(dims)), strides = own.strides, missing = batch.rank - own.rank
            return batch.dims.indices.map { axis in
                let mine = axis - missing
                return mine >= 0 && own[mine] > 1 ? strides[mine] * size : 0
            }
        }
        let (stepsA, stepsB) = (steps(a.dropLast(2), size: m * k), steps(b.dropLast(2), size: k * n))
        products = batch.count
        self.batch = batch.dims.indices.reversed().map { (batch[$0], stepsA[$0], stepsB[$0]) }
        outputShapes = [Shape(batch.dims + (vectorA ? [] : [m]) + (vectorB ? [] : [n]))]

        if isGemm, node.has(2) {
            let addend = try node.required(2)
            let beta = try node.float("beta", default: 1)
            guard Shape.broadcast(addend.shape, outputShapes[0]) == outputShapes[0] else {
                throw .shape("an addend of shape \(addend.shape) does not fit \(outputShapes[0])")
            }
            if case .floats(let shape, let storage) = addend, storage.count == shape.dims.last ?? 1 {
                bias = (0..<n).map { beta * storage[storage.count == 1 ? 0 : $0] }
                addendFactor = nil
            } else {
                (bias, addendFactor) = (nil, beta)
            }
        } else {
            (bias, addendFactor) = (nil, nil)
        }
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

    package static func integers(_ node: NodeReader) -> IntegerUse { .none }
    package var spatialEffect: SpatialEffect { .rows }
    package var numberEffect: NumberEffect { .mixed }
}
