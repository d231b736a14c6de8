/// Fills removed pixels of a picture: each becomes the mean of its 8 neighbours, those beside it of weight 1/6, those at
/// its corners of 1/12, renormalised at the borders. Where nothing is left of the picture, all is 0.
///
/// Rong et al., "A Consistent and Efficient Evaluation Strategy for Attribution Methods", ICML 2022, section 4.3. The
/// linear system is symmetric and positive definite; conjugate gradients, preconditioned by a multigrid cycle, solve it
/// to 3e-7 in the cycle's norm.
final class NeighbourFill {
    private static let tolerance = 1e-13, mostSteps = 200

    private let width, height: Int
    /// The finest first.
    private let grids: [FillGrid]
    private let isRemoved: [Bool]

    /// - Parameter isRemoved: height x width.
    init(width: Int, height: Int, isRemoved: [Bool]) {
        (self.width, self.height, self.isRemoved) = (width, height, isRemoved)
        var grids = [FillGrid(width: width, height: height, isRemoved: isRemoved)]
        while max(grids.last!.width, grids.last!.height) > 4 { grids.append(FillGrid(joining: grids.last!)) }
        self.grids = grids
    }

    /// Writes the removed pixels of one channel, height x width; the others are read.
    func fill(_ channel: UnsafeMutablePointer<Float>) {
        let removed = isRemoved.indices.filter { isRemoved[$0] }, grid = grids[0]
        for pixel in removed { channel[pixel] = 0 }
        guard removed.count < width * height else { return }
        var known = grid.zeros, right = grid.zeros
        for y in 0..<height { for x in 0..<width { known[grid.cell(x, y)] = channel[y * width + x] } }
        for pixel in removed {
            let cell = grid.cell(pixel % width, pixel / width)
            for (step, weight) in grid.neighbours { right[cell] += weight * known[cell + step] }
        }
        let filled = solution(of: right)
        for pixel in removed { channel[pixel] = filled[grid.cell(pixel % width, pixel / width)] }
    }

    /// Hestenes and Stiefel, "Methods of conjugate gradients for solving linear systems", 1952.
    private func solution(of right: [Float]) -> [Float] {
        let grid = grids[0]
        var x = grid.zeros, product = grid.zeros, rest = right
        var direction = preconditioned(rest), energy = dot(rest, direction)
        let goal = Self.tolerance * energy
        for _ in 0..<Self.mostSteps where energy > goal {
            grid.multiply(direction, into: &product)
            let length = Float(energy / dot(direction, product))
            for i in x.indices {
                x[i] += length * direction[i]
                rest[i] -= length * product[i]
            }
            let next = preconditioned(rest), before = energy
            energy = dot(rest, next)
            let share = Float(energy / before)
            for i in x.indices { direction[i] = next[i] + share * direction[i] }
        }
        return x
    }

    private func preconditioned(_ rest: [Float]) -> [Float] {
        grids[0].pose(rest)
        cycle(0)
        return grids[0].x
    }

    /// A W-cycle: relaxes, corrects by what the coarser grid tells, relaxes. As a block of cells is corrected by one
    /// number, the coarser grid is too stiff by a factor of about 2, which the correction makes good. Braess, "Towards
    /// algebraic multigrid for elliptic problems of second order", Computing 1995.
    private func cycle(_ level: Int) {
        let grid = grids[level]
        guard level + 1 < grids.count else {
            for _ in 0..<8 { grid.relax() }
            return
        }
        let coarse = grids[level + 1]
        grid.relax()
        grid.poseRest(to: coarse)
        for _ in 0..<2 { cycle(level + 1) }
        grid.correct(by: coarse, times: 1.8)
        grid.relax()
    }

    private func dot(_ a: [Float], _ b: [Float]) -> Double {
        typealias Lanes = SIMD8<Float>
        let whole = a.count / Lanes.scalarCount * Lanes.scalarCount
        var sum = SIMD8<Double>()
        a.withUnsafeBytes { a in
            b.withUnsafeBytes { b in
                for i in stride(from: 0, to: whole, by: Lanes.scalarCount) {
                    let (x, y) = (
                        a.loadUnaligned(fromByteOffset: 4 * i, as: Lanes.self),
                        b.loadUnaligned(fromByteOffset: 4 * i, as: Lanes.self)
                    )
                    sum += SIMD8<Double>(x * y)
                }
            }
        }
        return sum.sum() + zip(a[whole...], b[whole...]).reduce(0) { $0 + Double($1.0 * $1.1) }
    }
}
