extension ImageRows {
    /// The picture with a bar of a colour map at its right, the last level at its top, on white and in a frame. The
    /// picture keeps its own pixels and grows by the bar's width.
    /// - Parameter ticks: what is written beside the bar, in equal steps from its bottom to its top; in a low picture
    ///   only the outer ones, or none.
    public func withColorbar(_ colormap: Colormap, ticks: [String] = ["0", "0.5", "1"]) -> ImageRows {
        let bar = Colorbar(colormap, ticks: ticks, pictureWidth: width, pictureHeight: height)
        return ImageRows(width: width + bar.width, height: height) { [start, width] in
            let next = start()
            var y = 0
            return { target in
                next(target)
                bar.draw(row: y, into: target + 3 * width)
                y += 1
            }
        }
    }
}

/// The bar beside a picture of some size.
private struct Colorbar: Sendable {
    let width: Int
    private let colormap: Colormap
    /// Of the colours.
    private let columns: Range<Int>, rows: Range<Int>
    private let frame: Int, tickLength: Int
    /// What is written, and the row of its tick.
    private let ticks: [(text: TextLine, row: Int)]

    init(_ colormap: Colormap, ticks: [String], pictureWidth: Int, pictureHeight: Int) {
        let unit = max((min(pictureWidth, pictureHeight) + 125) / 250, 1)
        let margin = min(5 * unit, (pictureHeight - 1) / 2)
        let rows = margin..<pictureHeight - margin, columns = 5 * unit..<15 * unit
        let step = BitmapFont.rows * unit
        let shown =
            rows.count >= step * (ticks.count - 1) ? ticks : rows.count >= step ? [ticks.first!, ticks.last!] : []
        let texts = shown.map { TextLine($0, scale: unit) }
        self.ticks = texts.enumerated().map { place, text in
            (text, rows.upperBound - 1 - (rows.count - 1) * place / (texts.count - 1))
        }
        (self.colormap, self.columns, self.rows) = (colormap, columns, rows)
        (frame, tickLength) = (max(unit / 2, 1), 2 * unit)
        width = columns.upperBound + (texts.map(\.width).max().map { $0 + 5 * unit } ?? 0) + 4 * unit
    }

    /// The level of a row of the colours.
    private func level(_ row: Int) -> UInt8 {
        let last = rows.count - 1
        return last == 0 ? 255 : UInt8((255 * (rows.upperBound - 1 - row) + last / 2) / last)
    }

    func draw(row y: Int, into target: UnsafeMutablePointer<UInt8>) {
        func fill(_ columns: Range<Int>, _ red: UInt8, _ green: UInt8, _ blue: UInt8) {
            for x in columns { (target[3 * x], target[3 * x + 1], target[3 * x + 2]) = (red, green, blue) }
        }
        let outer = columns.lowerBound - frame..<columns.upperBound + frame, ink: UInt8 = 60
        fill(0..<width, 255, 255, 255)
        if y >= rows.lowerBound - frame, y < rows.upperBound + frame { fill(outer, ink, ink, ink) }
        if rows.contains(y) {
            let (red, green, blue) = colormap.colour(level(y))
            fill(columns, red, green, blue)
        }
        for (text, row) in ticks {
            if abs(y - row) <= frame / 2 { fill(outer.upperBound..<outer.upperBound + tickLength, ink, ink, ink) }
            let top = row - text.scale * BitmapFont.capitalRows / 2
            if (top..<top + text.height).contains(y) {
                let x = columns.upperBound + 5 * text.scale
                text.draw(row: y - top, into: target + 3 * x, grey: ink)
            }
        }
    }
}
