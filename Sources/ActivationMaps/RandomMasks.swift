import Imaging

/// The random masks of RISE: a grid of 7 x 7 cells, each 1 or 0 with the same chance, enlarged (bilinear) to a cell
/// more than the input's sides, of which the input sees a part that begins at random within the first cell. Of a signal,
/// an input of height 1, there are 32 cells along its length.
///
/// Petsiuk et al. 2018, section 3.2.
struct RandomMasks: Sendable {
    /// The expected value of a mask's number.
    static let mean: Float = 0.5
    private static let cells = 7
    private let seed, width, height: Int

    /// - Parameter width, height: the input's.
    init(width: Int, height: Int, seed: Int) {
        (self.width, self.height, self.seed) = (width, height, seed)
    }

    /// Number i of the masks, height x width, made anew by each call.
    func mask(_ i: Int) -> [Float] {
        var generator = SeededGenerator(seed: seed, stream: i)
        let (columns, rows) = height == 1 ? (32, 1) : (Self.cells, Self.cells)
        let cellWidth = (width + columns - 1) / columns, cellHeight = (height + rows - 1) / rows
        let grid = (0..<columns * rows).map { _ in Float(generator.next() >> 63) }
        let left = Int(generator.next() >> 33) % cellWidth, top = Int(generator.next() >> 33) % cellHeight
        let all = Plane(width: columns, height: rows, values: grid)
            .resized(width: (columns + 1) * cellWidth, height: (rows + 1) * cellHeight)
        return (top..<top + height).flatMap { y in all.values[(y * all.width + left)...].prefix(width) }
    }
}
