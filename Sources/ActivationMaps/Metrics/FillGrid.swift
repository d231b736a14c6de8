/// A grid of unknowns of `NeighbourFill` with a symmetric system A x = b: A_ii is the cell's diagonal, -A_ij the weight
/// between neighbours. Around the grid lies a border of one cell; a cell that is no unknown has no weights, and stays 0.
final class FillGrid {
    let width, height: Int
    /// Solution, and what is on the right of the system.
    private(set) var x: [Float]
    private var right: [Float]
    private var product: [Float]
    private var diagonal, relaxation: [Float]
    /// Weights between a cell and the next one of its row, and the three below it: left, middle, right.
    private var links: [[Float]]
    /// From a cell to those.
    private let steps: [Int]
    private let row: Int

    private static let weights: [Float] = [1 / 6, 1 / 12, 1 / 6, 1 / 12]
    /// Jacobi's method takes this share of its step.
    private static let damping: Float = 0.8

    private init(width: Int, height: Int) {
        (self.width, self.height, row) = (width, height, width + 2)
        steps = [1, row - 1, row, row + 1]
        let zeros = [Float](repeating: 0, count: (width + 2) * (height + 2))
        (x, right, product, diagonal, relaxation) = (zeros, zeros, zeros, zeros, zeros)
        links = [[Float]](repeating: zeros, count: 4)
    }

    /// The unknowns are the removed pixels.
    convenience init(width: Int, height: Int, isRemoved: [Bool]) {
        self.init(width: width, height: height)
        func isInside(_ x: Int, _ y: Int) -> Bool { 0..<width ~= x && 0..<height ~= y }
        let ways = [(1, 0), (-1, 1), (0, 1), (1, 1)]
        for y in 0..<height {
            for x in 0..<width where isRemoved[y * width + x] {
                for (k, (dx, dy)) in ways.enumerated() {
                    if isInside(x - dx, y - dy) { diagonal[cell(x, y)] += Self.weights[k] }
                    guard isInside(x + dx, y + dy) else { continue }
                    diagonal[cell(x, y)] += Self.weights[k]
                    if isRemoved[(y + dy) * width + x + dx] { links[k][cell(x, y)] = Self.weights[k] }
                }
            }
        }
        setRelaxation()
    }

    /// Blocks of 2 x 2 cells, of which each has one unknown: A' = P^T A P, P_cb = 1 where cell c lies in block b.
    convenience init(joining fine: FillGrid) {
        self.init(width: (fine.width + 1) / 2, height: (fine.height + 1) / 2)
        for y in 0..<fine.height {
            for x in 0..<fine.width where fine.diagonal[fine.cell(x, y)] > 0 {
                let from = cell(x / 2, y / 2)
                diagonal[from] += fine.diagonal[fine.cell(x, y)]
                for (k, (dx, dy)) in [(1, 0), (-1, 1), (0, 1), (1, 1)].enumerated() {
                    let weight = fine.links[k][fine.cell(x, y)]
                    guard weight > 0 else { continue }
                    let to = cell((x + dx) / 2, (y + dy) / 2)
                    if from == to {
                        diagonal[from] -= 2 * weight
                    } else {
                        links[steps.firstIndex(of: abs(to - from))!][min(from, to)] += weight
                    }
                }
            }
        }
        setRelaxation()
    }

    private func setRelaxation() { relaxation = diagonal.map { $0 > 0 ? Self.damping / $0 : 0 } }

    /// As many as there are cells, the border's included.
    var zeros: [Float] { [Float](repeating: 0, count: x.count) }

    /// The place of a cell.
    func cell(_ x: Int, _ y: Int) -> Int { (y + 1) * row + x + 1 }

    /// From a cell to its 8 neighbours, and their weights.
    var neighbours: [(step: Int, weight: Float)] {
        zip(steps, Self.weights).flatMap { [($0, $1), (-$0, $1)] }
    }

    /// Takes another right-hand side, and begins at 0.
    func pose(_ right: [Float]) {
        self.right = right
        x = zeros
    }

    /// A times other numbers.
    func multiply(_ other: [Float], into product: inout [Float]) {
        let inner = row + 1..<x.count - row - 1
        product.withUnsafeMutableBufferPointer { y in
            other.withUnsafeBufferPointer { x in
                diagonal.withUnsafeBufferPointer { d in for i in inner { y[i] = d[i] * x[i] } }
                for (step, weights) in zip(steps, links) {
                    weights.withUnsafeBufferPointer { w in
                        for i in inner { y[i] -= w[i] * x[i + step] + w[i - step] * x[i - step] }
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
        var rest = coarse.zeros
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
