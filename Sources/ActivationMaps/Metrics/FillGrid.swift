/// A grid of unknowns of `NeighbourFill` with a symmetric system A x = b: A_ii is the cell's diagonal, -A_ij the weight
/// between neighbours. Around the grid lies a border of one cell; a cell that is no unknown has no weights, and stays
/// 0.
final class FillGrid {
    let width, height: Int
    /// Solution, and what is on the right of the system.
    private(set) var x: [Float]
    private var right: [Float]
    private var product, relaxation: [Float]
    /// The diagonal, and a cell's links to the next one of its row and to the three below it: left, middle, right. Each
    /// `cells` numbers.
    private var matrix: [Float]
    /// From a cell to those.
    private let steps: [Int]
    /// Cells of a row, and of all, the border's included.
    let row, cells: Int

    private static let weights: [Float] = [1 / 6, 1 / 12, 1 / 6, 1 / 12]
    private static let ways = [(1, 0), (-1, 1), (0, 1), (1, 1)]
    /// Jacobi's method takes this share of its step.
    private static let damping: Float = 0.8
    private typealias Lanes = SIMD8<Float>

    private init(width: Int, height: Int) {
        (self.width, self.height, row) = (width, height, width + 2)
        // Lanes of the last cells reach beyond the border.
        cells = row * (height + 2) + Lanes.scalarCount
        steps = [1, row - 1, row, row + 1]
        let zeros = [Float](repeating: 0, count: cells)
        (x, right, product, relaxation) = (zeros, zeros, zeros, zeros)
        matrix = [Float](repeating: 0, count: 5 * cells)
    }

    /// The unknowns are the removed pixels.
    convenience init(width: Int, height: Int, isRemoved: [Bool]) {
        self.init(width: width, height: height)
        func isInside(_ x: Int, _ y: Int) -> Bool { 0..<width ~= x && 0..<height ~= y }
        for y in 0..<height {
            for x in 0..<width where isRemoved[y * width + x] {
                let cell = cell(x, y)
                for (k, (dx, dy)) in Self.ways.enumerated() {
                    if isInside(x - dx, y - dy) { matrix[cell] += Self.weights[k] }
                    guard isInside(x + dx, y + dy) else { continue }
                    matrix[cell] += Self.weights[k]
                    if isRemoved[(y + dy) * width + x + dx] { matrix[(k + 1) * cells + cell] = Self.weights[k] }
                }
            }
        }
        setRelaxation()
    }

    /// Blocks of 2 x 2 cells, of which each has one unknown: A' = P^T A P, P_cb = 1 where cell c lies in block b.
    convenience init(joining fine: FillGrid) {
        self.init(width: (fine.width + 1) / 2, height: (fine.height + 1) / 2)
        for y in 0..<fine.height {
            for x in 0..<fine.width where fine.matrix[fine.cell(x, y)] > 0 {
                let from = cell(x / 2, y / 2)
                matrix[from] += fine.matrix[fine.cell(x, y)]
                for (k, (dx, dy)) in Self.ways.enumerated() {
                    let weight = fine.matrix[(k + 1) * fine.cells + fine.cell(x, y)]
                    guard weight > 0 else { continue }
                    let to = cell((x + dx) / 2, (y + dy) / 2)
                    if from == to {
                        matrix[from] -= 2 * weight
                    } else {
                        matrix[(steps.firstIndex(of: abs(to - from))! + 1) * cells + min(from, to)] += weight
                    }
                }
            }
        }
        setRelaxation()
    }

    private func setRelaxation() { relaxation = matrix.prefix(cells).map { $0 > 0 ? Self.damping / $0 : 0 } }

    /// The place of a cell.
    func cell(_ x: Int, _ y: Int) -> Int { (y + 1) * row + x + 1 }

    /// What the weights of a cell's neighbours sum up to, within the picture: its diagonal, in double precision.
    func weight(of cell: Int) -> Double { (12 * Double(matrix[cell])).rounded() / 12 }

    /// Takes another right-hand side, and begins with a relaxation of 0.
    func pose(_ right: [Float]) {
        self.right = right
        x.withUnsafeMutableBufferPointer { x in
            relaxation.withUnsafeBufferPointer { share in
                right.withUnsafeBufferPointer { right in for i in x.indices { x[i] = share[i] * right[i] } }
            }
        }
    }

    /// A times other numbers.
    func multiply(_ other: [Float], into product: inout [Float]) {
        let (steps, cells) = (steps, cells)
        product.withUnsafeMutableBytes { y in
            other.withUnsafeBytes { x in
                matrix.withUnsafeBytes { matrix in
                    func value(_ i: Int) -> Lanes { x.loadUnaligned(fromByteOffset: 4 * i, as: Lanes.self) }
                    func a(_ k: Int, _ i: Int) -> Lanes {
                        matrix.loadUnaligned(fromByteOffset: 4 * (k * cells + i), as: Lanes.self)
                    }
                    for i in stride(from: row + 1, to: row * (height + 1) - 1, by: Lanes.scalarCount) {
                        var sum = a(0, i) * value(i)
                        for k in 0..<4 {
                            let step = steps[k]
                            sum -= a(k + 1, i) * value(i + step) + a(k + 1, i - step) * value(i - step)
                        }
                        y.storeBytes(of: sum, toByteOffset: 4 * i, as: Lanes.self)
                    }
                }
            }
        }
    }

    /// A damped step of Jacobi's method.
    func relax() {
        multiply(x, into: &product)
        x.withUnsafeMutableBufferPointer { x in
            relaxation.withUnsafeBufferPointer { share in
                right.withUnsafeBufferPointer { right in
                    product.withUnsafeBufferPointer { product in
                        for i in x.indices { x[i] += share[i] * (right[i] - product[i]) }
                    }
                }
            }
        }
    }

    /// Poses what is left of the right-hand side to the grid that joins this one's cells.
    func poseRest(to coarse: FillGrid) {
        multiply(x, into: &product)
        var rest = [Float](repeating: 0, count: coarse.cells)
        rest.withUnsafeMutableBufferPointer { rest in
            right.withUnsafeBufferPointer { right in
                product.withUnsafeBufferPointer { product in
                    forEachCell(coarse) { cell, block in rest[block] += right[cell] - product[cell] }
                }
            }
        }
        coarse.pose(rest)
    }

    /// Adds a factor times what the coarser grid found.
    func correct(by coarse: FillGrid, times factor: Float) {
        x.withUnsafeMutableBufferPointer { x in
            relaxation.withUnsafeBufferPointer { share in
                coarse.x.withUnsafeBufferPointer { found in
                    forEachCell(coarse) { cell, block in if share[cell] > 0 { x[cell] += factor * found[block] } }
                }
            }
        }
    }

    @inline(__always)
    private func forEachCell(_ coarse: FillGrid, _ body: (_ cell: Int, _ block: Int) -> Void) {
        for y in 0..<height {
            let (from, to) = (cell(0, y), coarse.cell(0, y / 2))
            for x in 0..<width { body(from + x, to + x / 2) }
        }
    }
}
