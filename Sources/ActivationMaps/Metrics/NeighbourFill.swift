/// Fills removed pixels of a picture: each becomes the mean of its 8 neighbours, those beside it of weight 1/6, those
/// at its corners of 1/12, renormalised at the borders. Where nothing is left of the picture, all is 0.
///
/// Rong et al., "A Consistent and Efficient Evaluation Strategy for Attribution Methods", ICML 2022, section 4.3. The
/// linear system is symmetric and positive definite: conjugate gradients in double precision, preconditioned by a
/// multigrid cycle, solve it to 1e-8 in the cycle's norm.
final class NeighbourFill {
    private static let tolerance = 1e-16, mostSteps = 200

    private let width, height: Int
    /// The finest first.
    private let grids: [FillGrid]
    /// Places in a channel, and cells of the finest grid.
    private let removed: [(pixel: Int, cell: Int)]

    /// - Parameter isRemoved: height x width.
    init(width: Int, height: Int, isRemoved: [Bool]) {
        (self.width, self.height) = (width, height)
        let finest = FillGrid(width: width, height: height, isRemoved: isRemoved)
        var grids = [finest]
        while max(grids.last!.width, grids.last!.height) > 4 { grids.append(FillGrid(joining: grids.last!)) }
        self.grids = grids
        removed = isRemoved.indices.filter { isRemoved[$0] }.map { ($0, finest.cell($0 % width, $0 / width)) }
    }

    /// Writes the removed pixels of one channel, height x width; the others are read.
    func fill(_ channel: UnsafeMutablePointer<Float>) {
        for (pixel, _) in removed { channel[pixel] = 0 }
        guard removed.count < width * height else { return }
        let grid = grids[0]
        var known = [Double](repeating: 0, count: grid.cells), right = known
        for y in 0..<height { for x in 0..<width { known[grid.cell(x, y)] = Double(channel[y * width + x]) } }
        sumNeighbours(of: known, into: &right)
        let filled = solution(of: right)
        for (pixel, cell) in removed { channel[pixel] = Float(filled[cell]) }
    }

    /// Hestenes and Stiefel, "Methods of conjugate gradients for solving linear systems", 1952.
    private func solution(of right: [Double]) -> [Double] {
        let grid = grids[0]
        var x = [Double](repeating: 0, count: grid.cells), product = x, rest = right
        var direction = preconditioned(rest), energy = dot(rest, direction)
        let goal = Self.tolerance * energy
        for _ in 0..<Self.mostSteps where energy > goal {
            sumNeighbours(of: direction, into: &product)
            for (_, cell) in removed { product[cell] = grid.weight(of: cell) * direction[cell] - product[cell] }
            let length = energy / dot(direction, product)
            for (_, cell) in removed {
                x[cell] += length * direction[cell]
                rest[cell] -= length * product[cell]
            }
            let next = preconditioned(rest), share = dot(rest, next) / energy
            energy *= share
            for (_, cell) in removed { direction[cell] = next[cell] + share * direction[cell] }
        }
        return x
    }

    /// For every removed pixel the weighted sum of its neighbours' numbers.
    private func sumNeighbours(of numbers: [Double], into sums: inout [Double]) {
        let row = grids[0].row
        numbers.withUnsafeBufferPointer { x in
            for (_, i) in removed {
                let beside = x[i - 1] + x[i + 1] + x[i - row] + x[i + row]
                let corners = x[i - row - 1] + x[i - row + 1] + x[i + row - 1] + x[i + row + 1]
                sums[i] = beside / 6 + corners / 12
            }
        }
    }

    private func dot(_ a: [Double], _ b: [Double]) -> Double { removed.reduce(0) { $0 + a[$1.cell] * b[$1.cell] } }

    private func preconditioned(_ rest: [Double]) -> [Double] {
        grids[0].pose(rest.map { Float($0) })
        cycle(0)
        return grids[0].x.map { Double($0) }
    }

    /// A W-cycle after a relaxation: corrects by what the coarser grid tells, relaxes. As a block of cells is corrected
    /// by one number, the coarser grid is too stiff by a factor of about 2, which the correction makes good. Braess,
    /// "Towards algebraic multigrid for elliptic problems of second order", Computing 1995.
    private func cycle(_ level: Int) {
        let grid = grids[level]
        guard level + 1 < grids.count else {
            for _ in 0..<8 { grid.relax() }
            return
        }
        let coarse = grids[level + 1]
        grid.poseRest(to: coarse)
        for _ in 0..<2 { cycle(level + 1) }
        grid.correct(by: coarse, times: 1.8)
        grid.relax()
    }
}
