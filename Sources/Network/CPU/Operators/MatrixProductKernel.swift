import CKernels

extension MatrixProduct: EpilogueFusible {
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) { LayoutRule.plain(arriving) }

    func kernel(_ site: KernelSite) -> any Kernel {
        let packed = weights.flatMap { weights in
            packsWeights ? site.shared.weights { MatrixWeights(self, weights, site.preparation) } : nil
        }
        return MatrixProductKernel(product: self, epilogue: site.epilogue.after(bias), weights: packed)
    }

    /// Few rows, of one product, are not worth a packing.
    private var packsWeights: Bool { PackedProduct.width > 0 && products == 1 && !transposesA && m > Gemm.fewRows }

    /// Whether B is computed, and each of its matrices is packed by the thread that multiplies with it. Fewer products
    /// are shared out among threads by OpenBLAS's.
    fileprivate var packsComputed: Bool {
        PackedProduct.width > 0 && !bIsConstant && products >= 4 && !transposesA && m > Gemm.fewRows
    }

    /// Packs columns of B, as panels do; floats from one number to the next along k and along a row, one of them 1.
    fileprivate func pack(
        _ b: UnsafePointer<Float>, strides: (k: Int, n: Int), _ columns: Range<Int>,
        into panel: UnsafeMutablePointer<Float>
    ) {
        let (first, width) = (columns.lowerBound, PackedProduct.width)
        if strides.k == 1 {
            gradcam_pack_panel(width, panel, b + first * strides.n, columns.count, strides.n, k, 1)
        } else {
            gradcam_pack_turned_panel(width, panel, b + first, columns.count, k, strides.k, 1)
        }
    }

    /// Those of a B that lies as the product wants it.
    fileprivate var stridesOfB: (k: Int, n: Int) { transposesB ? (1, k) : (n, 1) }
}

/// A constant B as the packed products read it.
private final class MatrixWeights: Sendable {
    let packed: PackedProduct
    /// Floats of scratch memory a thread, where it is packed at every product.
    let scratch: Int

    init(_ product: MatrixProduct, _ weights: FloatStorage, _ preparation: Preparation) {
        let inAdvance = preparation.packsInAdvance
        scratch = inAdvance ? 0 : PackedProduct.scratch(n: product.n, k: product.k)
        packed = PackedProduct(
            n: product.n, k: product.k, inAdvance: inAdvance, threads: preparation.threads,
            from: PackedWeights(weights)
        ) { product.pack($0.base, strides: product.stridesOfB, $1, into: $2) }
    }
}

struct MatrixProductKernel: Kernel {
    let product: MatrixProduct
    let epilogue: Epilogue
    private let weights: MatrixWeights?

    fileprivate init(product: MatrixProduct, epilogue: Epilogue, weights: MatrixWeights?) {
        (self.product, self.epilogue, self.weights) = (product, epilogue, weights)
    }

    var gradientReads: GradientReads {
        product.bIsConstant ? epilogue.gradientReads : [epilogue.gradientReads, .operands]
    }

    func scratch(images: Int, threads: Int) -> Int {
        let packs = Int.sizeProduct(threads, weights?.scratch ?? (product.packsComputed ? panels : 0))
        // What is transposed: A, and for the gradient at a computed B the incoming one.
        let turned =
            product.bIsConstant
            ? product.transposesA ? product.m * product.k : 0
            : max(product.m * product.k, product.k * product.n, product.m * product.n)
        return max(turned, packs)
    }

    /// Floats that a thread packs a computed B in.
    private var panels: Int { PackedProduct.size(n: product.n, k: product.k).cacheLines }

    func weights(images: Int, gradient: Bool) -> [PackedWeights] {
        gradient ? [] : weights.map { [$0.packed.weights] } ?? []
    }

    /// Matrices that are packed, or multiplied by packed ones, may have their rows anywhere.
    func reads(_ strides: [Int], operand: Int, gradient: Bool) -> Bool {
        // Strides of single rows and columns say nothing.
        guard product.packsComputed, !gradient, min(product.n, product.k) > 1 else { return false }
        let (row, column) = (strides[strides.count - 2], strides[strides.count - 1])
        return switch operand {
        case 0: column == 1 && row >= product.k
        case 1: column == 1 && row >= product.n || row == 1 && column >= product.k
        default: false
        }
    }

    func operations(images: Int) -> Double {
        2 * Double(images * product.products) * Double(product.m * product.n) * Double(product.k)
    }

    /// All images' rows are one product where every image is multiplied by the same constant.
    private func isOneProduct(_ b: TensorView) -> Bool {
        b.imageStride == 0 && product.products == 1 && !product.transposesA
    }

    /// Where an image is one row, and its weights are so many that no cache keeps them for the next image.
    func mostJoined(gradient: Bool) -> Int {
        let joins =
            product.bIsConstant && product.products == 1 && product.m == 1 && !product.transposesA
            && (product.transposesB || !gradient) && product.k * product.n >= 1 << 22
        return joins ? Gemm.fewRows : 1
    }

    /// Whether every image's row has the numbers that it has by itself.
    private func isEachRow(_ images: Int) -> Bool { product.m == 1 && images <= Gemm.fewRows }

    func forward(_ pass: ForwardPass) {
        let (p, a, b) = (product, pass.operands[0], pass.operands[1])
        let y = pass.output
        let ldb = p.transposesB ? p.k : p.n
        let isWhole = p.alpha == 1 && p.addendFactor == nil
        if let weights {
            let residual = epilogue.addsResidual ? pass.operands.last.map { UnsafePointer($0.base) } : nil
            Finish.with(epilogue, on: y.base, channels: p.n, residual: residual) {
                weights.packed.multiply(
                    m: pass.images * p.m, a.base, into: y.base, adds: false, scratch: pass.scratch,
                    threads: pass.threads, finish: isWhole ? $0 : nil)
            }
            if isWhole { return }
        } else if p.packsComputed {
            multiplyPacked(pass)
        } else if isOneProduct(b) {
            Gemm.multiply(
                m: pass.images * p.m, n: p.n, k: p.k, a.base, p.k, b.base, ldb, transposed: p.transposesB, into: y.base,
                p.n,
                eachRow: isEachRow(pass.images), threads: pass.threads)
        } else {
            for image in 0..<pass.images {
                for (oa, ob, oy) in offsets(pass.operands) {
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
        pass.threads.split(rows, grain: max(1, 8192 / p.n)) { finish(pass, $0, 0..<p.n) }
    }

    /// The epilogue of some rows of all images.
    private func finish(_ pass: ForwardPass, _ rows: Range<Int>, _ columns: Range<Int>) {
        let offset = rows.lowerBound * product.n
        let residual = epilogue.addsResidual ? pass.operands.last.map { UnsafePointer($0.base + offset) } : nil
        epilogue.apply(
            pass.output.base + offset, rows: rows.count, stride: product.n, columns: columns, residual: residual)
    }

    /// Where an image's products begin in A, B and the output.
    private func offsets(_ operands: [TensorView]) -> some Sequence<(a: Int, b: Int, y: Int)> {
        let (a, b) = (operands[0].strides, operands[1].strides)
        return (0..<product.products).lazy.map { product.offsets($0, a, b) }
    }

    /// Products of computed matrices, each on one thread.
    private func multiplyPacked(_ pass: ForwardPass) {
        let (p, a, b, y) = (product, pass.operands[0], pass.operands[1], pass.output)
        let (stridesA, stridesB) = (a.strides, b.strides)
        let lda = min(p.n, p.k) == 1 ? p.k : stridesA[stridesA.count - 2]
        let ofB =
            min(p.n, p.k) == 1 || p.transposesB ? p.stridesOfB : (stridesB[stridesB.count - 2], stridesB.last!)
        pass.threads.parts(pass.images * p.products) { part, some in
            let panels = pass.scratch + part * self.panels
            for index in some {
                let (image, product) = index.quotientAndRemainder(dividingBy: p.products)
                let (oa, ob, oy) = p.offsets(product, stridesA, stridesB)
                for (panel, first) in stride(from: 0, to: p.n, by: PackedProduct.width).enumerated() {
                    let columns = first..<min(first + PackedProduct.width, p.n)
                    p.pack(
                        b.image(image) + ob, strides: ofB, columns, into: panels + panel * PackedProduct.width * p.k)
                }
                gradcam_packed_product(
                    a.image(image) + oa, lda, panels, y.image(image) + oy, p.n, p.m, p.n, p.k, false, nil)
            }
        }
    }

    func gradient(_ pass: GradientPass) {
        let (p, a, b, d) = (product, pass.operands[0], pass.operands[1], pass.dOutput)
        let rows = pass.images * d.shape.count / p.n
        let dResidual = epilogue.addsResidual ? pass.dOperands.last! : nil
        epilogue.gradient(
            d.base, y: pass.outputs[0].base, rows: rows, channels: p.n,
            dResidual: dResidual.map { GradientTarget(base: $0.base) }, rule: pass.rule)
        if let factor = p.addendFactor {
            pass.walk(2, operands: 2..<3) { t, d, _, _, n, s in for i in 0..<n { t[i * s[0]] += factor * d[i * s[1]] } }
        }
        if p.alpha != 1 { for i in 0..<rows * p.n { d.base[i] *= p.alpha } }
        let ldb = p.transposesB ? p.k : p.n
        if let da = pass.dOperands[0], isOneProduct(b) {
            Gemm.multiply(
                m: pass.images * p.m, n: p.k, k: p.n, d.base, p.n, b.base, ldb, transposed: !p.transposesB,
                into: da.base, p.k,
                beta: 1, eachRow: isEachRow(pass.images), threads: pass.threads)
        } else if let da = pass.dOperands[0] {
            for image in 0..<pass.images {
                for (oa, ob, oy) in offsets(pass.operands) {
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
            for (oa, ob, oy) in offsets(pass.operands) {
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
