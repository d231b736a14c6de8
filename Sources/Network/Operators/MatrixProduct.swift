/// Gemm (alpha * op(A) * op(B) + beta * C) and MatMul with batch axes, on constant or computed operands.
/// https://onnx.ai/onnx/operators/onnx__Gemm.html, onnx__MatMul.html
struct MatrixProduct: EpilogueFusible {
    /// Rows, columns and inner extent of one product.
    let m, n, k: Int
    /// Where each product of one image begins in A, B and the output.
    let offsets: [(a: Int, b: Int, y: Int)]
    let transposesA, transposesB: Bool
    let alpha: Float
    /// beta * C where C is a constant with one number a column.
    let bias: [Float]?
    /// beta where C is of another shape or computed; nil: there is no such C.
    let addendFactor: Float?
    let bIsConstant: Bool
    let outputShapes: [Shape]

    init(_ node: NodeReader) throws(OperatorFault) {
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
        let (rows, columns, inner) = (m, n, k)
        func starts(_ dims: ArraySlice<Int>, size: Int) -> [Int] {
            let own = Shape(Array(dims))
            let strides = own.strides
            return (0..<batch.count).map { index in
                var (rest, offset) = (index, 0)
                for axis in stride(from: batch.rank - 1, through: 0, by: -1) {
                    let mine = axis - (batch.rank - own.rank)
                    if mine >= 0, own[mine] > 1 { offset += rest % batch[axis] * strides[mine] }
                    rest /= batch[axis]
                }
                return offset * size
            }
        }
        let (startA, startB) = (starts(a.dropLast(2), size: rows * inner), starts(b.dropLast(2), size: inner * columns))
        offsets = (0..<batch.count).map { (startA[$0], startB[$0], $0 * rows * columns) }
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

    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.plain(arriving) }

    func kernel(_ site: KernelSite) -> any Kernel {
        MatrixProductKernel(product: self, epilogue: site.epilogue.after(bias.map { FloatStorage($0) }))
    }
}

struct MatrixProductKernel: Kernel {
    let product: MatrixProduct
    let epilogue: Epilogue
    var gradientReads: GradientReads {
        product.bIsConstant ? epilogue.gradientReads : [epilogue.gradientReads, .operands]
    }

    func scratch(images: Int, threads: Int) -> Int {
        max(product.m * product.k, product.k * product.n, product.m * product.n)
    }

    func operations(images: Int) -> Double {
        2 * Double(images * product.offsets.count * product.m * product.n * product.k)
    }

    /// All images' rows are one product where every image is multiplied by the same constant.
    private func isOneProduct(_ b: TensorView) -> Bool {
        b.imageStride == 0 && product.offsets.count == 1 && !product.transposesA
    }

    func forward(_ pass: ForwardPass) {
        let (p, a, b) = (product, pass.operands[0], pass.operands[1])
        let y = pass.output
        let ldb = p.transposesB ? p.k : p.n
        if isOneProduct(b) {
            Gemm.multiply(
                m: pass.images * p.m, n: p.n, k: p.k, a.base, p.k, b.base, ldb, transposed: p.transposesB, into: y.base,
                p.n,
                threads: pass.threads)
        } else {
            for image in 0..<pass.images {
                for (oa, ob, oy) in p.offsets {
                    var left = a.image(image) + oa
                    if p.transposesA {
                        transpose(left, rows: p.k, columns: p.m, into: pass.scratch)
                        left = pass.scratch
                    }
                    Gemm.multiply(
                        m: p.m, n: p.n, k: p.k, left, p.k, b.image(image) + ob, ldb, transposed: p.transposesB,
                        into: y.image(image) + oy, p.n, threads: pass.threads)
                }
            }
        }
        let rows = pass.images * y.shape.count / p.n
        if p.alpha != 1 { for i in 0..<rows * p.n { y.base[i] *= p.alpha } }
        if let factor = p.addendFactor {
            pass.walk(operands: 2..<3) { y, c, n, s in for i in 0..<n { y[i * s[0]] += factor * c[0][i * s[1]] } }
        }
        epilogue.apply(y.base, rows: rows, stride: p.n, columns: 0..<p.n, residual: nil)
    }

    func gradient(_ pass: GradientPass) {
        let (p, a, b, d) = (product, pass.operands[0], pass.operands[1], pass.dOutput)
        let rows = pass.images * d.shape.count / p.n
        epilogue.gradient(d.base, y: pass.outputs[0].base, rows: rows, channels: p.n, dResidual: nil, rule: pass.rule)
        if let factor = p.addendFactor {
            pass.walk(2, operands: 2..<3) { t, d, _, _, n, s in for i in 0..<n { t[i * s[0]] += factor * d[i * s[1]] } }
        }
        if p.alpha != 1 { for i in 0..<rows * p.n { d.base[i] *= p.alpha } }
        let ldb = p.transposesB ? p.k : p.n
        if let da = pass.dOperands[0], isOneProduct(b) {
            Gemm.multiply(
                m: pass.images * p.m, n: p.k, k: p.n, d.base, p.n, b.base, ldb, transposed: !p.transposesB,
                into: da.base, p.k,
                beta: 1, threads: pass.threads)
        } else if let da = pass.dOperands[0] {
            for image in 0..<pass.images {
                for (oa, ob, oy) in p.offsets {
                    let target = da.image(image) + oa
                    Gemm.multiply(
                        m: p.m, n: p.k, k: p.n, d.image(image) + oy, p.n, b.image(image) + ob, ldb,
                        transposed: !p.transposesB,
                        into: p.transposesA ? pass.scratch : target, p.k, beta: p.transposesA ? 0 : 1,
                        threads: pass.threads)
                    guard p.transposesA else { continue }
                    for i in 0..<p.m { for j in 0..<p.k { target[j * p.m + i] += pass.scratch[i * p.k + j] } }
                }
            }
        }
        guard let db = pass.dOperands[1] else { return }
        for image in 0..<pass.images {
            for (oa, ob, oy) in p.offsets {
                // dB = op(A)^T * d, or its transpose d^T * op(A).
                let left = a.image(image) + oa
                if p.transposesB {
                    transpose(d.image(image) + oy, rows: p.m, columns: p.n, into: pass.scratch)
                    Gemm.multiply(
                        m: p.n, n: p.k, k: p.m, pass.scratch, p.m, left, p.transposesA ? p.m : p.k,
                        transposed: p.transposesA,
                        into: db.image(image) + ob, p.k, beta: 1, threads: pass.threads)
                } else {
                    var turned = left
                    if !p.transposesA {
                        transpose(left, rows: p.m, columns: p.k, into: pass.scratch)
                        turned = pass.scratch
                    }
                    Gemm.multiply(
                        m: p.k, n: p.n, k: p.m, turned, p.m, d.image(image) + oy, p.n, transposed: false,
                        into: db.image(image) + ob, p.n, beta: 1, threads: pass.threads)
                }
            }
        }
    }

    private func transpose(_ x: UnsafePointer<Float>, rows: Int, columns: Int, into y: UnsafeMutablePointer<Float>) {
        for i in 0..<rows { for j in 0..<columns { y[j * rows + i] = x[i * columns + j] } }
    }
}
