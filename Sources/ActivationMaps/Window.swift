/// A rectangle of an input's pixels.
struct Window: Sendable {
    /// Where its pixels lie in a channel, row-major.
    let places: [Int]

    /// Windows whose sides are a seventh of the input's, half of that apart; those at the right and the bottom end with
    /// the input. A signal's windows, in an input of height 1, are a thirty-second of its length.
    static func sliding(height: Int, width: Int) -> [Window] {
        spans(height, 7).flatMap { rows in
            spans(width, height == 1 ? 32 : 7).map { columns in
                Window(places: rows.flatMap { row in columns.map { row * width + $0 } })
            }
        }
    }

    private static func spans(_ size: Int, _ parts: Int) -> [Range<Int>] {
        let side = max(1, size / parts), step = max(1, side / 2)
        let count = (size - side + step - 1) / step + 1
        return (0..<count).map { $0 * step..<min($0 * step + side, size) }
    }
}
