/// A rectangle of an input's pixels.
struct Window: Sendable {
    /// Where its pixels lie in a channel, row-major.
    let places: [Int]

    /// Windows whose sides are a seventh of the input's, half of that apart; those at the right and the bottom end with
    /// the input.
    static func sliding(height: Int, width: Int) -> [Window] {
        spans(height).flatMap { rows in
            spans(width).map { columns in
                Window(places: rows.flatMap { row in columns.map { row * width + $0 } })
            }
        }
    }

    private static func spans(_ size: Int) -> [Range<Int>] {
        let side = max(1, size / 7), step = max(1, side / 2)
        let count = (size - side + step - 1) / step + 1
        return (0..<count).map { $0 * step..<min($0 * step + side, size) }
    }
}
