import CCUDA
import Network

extension MatrixProduct: CUDAOperator {
    var gradientReads: GradientReads { .operands }
    func tables(of input: Shape) -> [Table] { [.floats(bias ?? [])] }

    private var sizeA: Int { m * k }
    private var sizeB: Int { k * n }

    /// Where each product of an image begins in A, B and the output.
    private func places(_ pass: Pass) -> [(a: Int, b: Int, y: Int)] {
        let (a, b) = (pass.shape(0).rowMajor, pass.shape(1).rowMajor)
        return (0..<products).map { offsets($0, a, b) }
    }

    /// Calls `body(product, a, b, y)` so often that all products of all images are done: as many at a time as lie evenly
    /// apart.
    private func forEach(
        _ pass: Pass, _ a: Place, _ b: Place, strideY: Int, together: Bool = true,
        _ body: (Product, _ a: UInt64, _ b: UInt64, _ y: UInt64) throws(NetworkError) -> Void
    ) throws(NetworkError) {
        let places = places(pass)
        var product = Product(
            m: m, n: n, k: k, transposesA: transposesA, transposesB: transposesB, strideA: a.stride, strideB: b.stride,
            strideY: strideY, count: pass.images)
        if together, pass.images == 1, products > 1, let last = places.last {
            let step = (a: places[1].a, b: places[1].b)
            let isEven = places.enumerated().allSatisfy { $1.a == $0 * step.a && $1.b == $0 * step.b }
            if isEven, last.y == (products - 1) * m * n {
                (product.strideA, product.strideB, product.strideY) = (step.a, step.b, m * n)
                product.count = products
                return try body(product, a.address, b.address, 0)
            }
        }
        // The rows of all images are those of one matrix, where each is multiplied by the same constant.
        if together, products == 1, b.stride == 0, a.stride == sizeA, !transposesA, pass.images > 1 {
            (product.m, product.count) = (m * pass.images, 1)
            return try body(product, a.address, b.address, 0)
        }
        for place in places {
            try body(
                product, a.address + UInt64(place.a * 4), b.address + UInt64(place.b * 4), UInt64(place.y * 4))
        }
    }

    func forward(_ pass: Pass) throws(NetworkError) {
        let (a, b, count) = (try pass.operand(0), try pass.operand(1), outputShapes[0].count)
        try forEach(pass, a, b, strideY: count) { product, a, b, y throws(NetworkError) in
            var product = product
            product.alpha = alpha
            try product.run(a, b, pass.y + y, pass.stream)
        }
        if bias != nil {
            try pass.stream.launch(
                bias_forward(
                    count: Int64(pass.images * count), channels: Int64(n), inner: 1, bias: try pass.table(0), y: pass.y)
            )
        }
        guard let addendFactor, addendFactor != 0 else { return }
        try pass.add(2, times: addendFactor, outputShapes[0])
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        let (forward, count) = (pass.pass, outputShapes[0].count)
        let (a, b) = (try forward.operand(0), try forward.operand(1))
        if let t = pass.dOperands[0] {
            // dA = dY * op(B)^T, or its transpose op(B) * dY^T. Products that share an A add to it one by one.
            try forEach(forward, Place(address: t, stride: forward.shape(0).count), b, strideY: count, together: false)
            {
                product, t, b, y throws(NetworkError) in
                let d = pass.d + y
                if transposesA {
                    try Product(
                        m: k, n: m, k: n, transposesA: transposesB, transposesB: true, strideA: product.strideB,
                        strideB: count, strideY: product.strideA, count: product.count, alpha: alpha, beta: 1
                    ).run(b, d, t, pass.stream)
                } else {
                    try Product(
                        m: m, n: k, k: n, transposesA: false, transposesB: !transposesB, strideA: count,
                        strideB: product.strideB, strideY: product.strideA, count: product.count, alpha: alpha, beta: 1
                    ).run(d, b, t, pass.stream)
                }
            }
        }
        if let t = pass.dOperands[1] {
            // dB = op(A)^T * dY, or its transpose dY^T * op(A).
            try forEach(forward, a, Place(address: t, stride: forward.shape(1).count), strideY: count, together: false)
            {
                product, a, t, y throws(NetworkError) in
                let d = pass.d + y
                if transposesB {
                    try Product(
                        m: n, n: k, k: m, transposesA: true, transposesB: transposesA, strideA: count,
                        strideB: product.strideA, strideY: product.strideB, count: product.count, alpha: alpha, beta: 1
                    ).run(d, a, t, pass.stream)
                } else {
                    try Product(
                        m: k, n: n, k: m, transposesA: !transposesA, transposesB: false, strideA: product.strideA,
                        strideB: count, strideY: product.strideB, count: product.count, alpha: alpha, beta: 1
                    ).run(a, d, t, pass.stream)
                }
            }
        }
        if let addendFactor, pass.dOperands.count > 2 {
            try pass.share(share_all, to: 2, outputShapes[0], factor: addendFactor)
        }
    }
}
