/// What the colours of a picture mean, under it: a line for each, behind a square of its colour.
public struct Legend: Sendable {
    /// A line: cut at the left, with an ellipsis, where both have no room.
    public struct Line: Sendable {
        let colour: (UInt8, UInt8, UInt8)
        let left, right: String

        /// - Parameter right: stands at the right end.
        public init(_ colour: (UInt8, UInt8, UInt8), _ left: String, right: String = "") {
            (self.colour, self.left, self.right) = (colour, left, right)
        }
    }

    /// What it takes of the picture, in pixels.
    let width, height: Int
    private let lines: [(colour: (UInt8, UInt8, UInt8), left: TextLine, right: TextLine)]
    /// Pixels a dot of the font; of a line of text and the space below it; around all of it.
    private let unit, lineHeight, margin: Int

    /// - Parameter pictureWidth, pictureHeight: the picture's, which it suits.
    init(_ lines: [Line], pictureWidth: Int, pictureHeight: Int) {
        let unit = max((min(pictureWidth, pictureHeight) + 125) / 250, 2), margin = 6 * unit
        let width = max(pictureWidth, 160 * unit), room = width - 2 * margin - 14 * unit
        self.lines = lines.map { line in
            let right = TextLine(line.right, scale: unit, room: room)
            let left = TextLine(line.left, scale: unit, room: room - right.width - 6 * unit)
            return (line.colour, left, right)
        }
        (self.unit, self.margin, self.width, lineHeight) = (unit, margin, width, 13 * unit)
        height = 2 * margin + lines.count * lineHeight - 4 * unit
    }

    /// Draws one of its rows of pixels, on white.
    func draw(row y: Int, into target: UnsafeMutablePointer<UInt8>) {
        target.update(repeating: 255, count: 3 * width)
        guard y >= margin, y < height - margin else { return }
        let (place, row) = (y - margin).quotientAndRemainder(dividingBy: lineHeight)
        let (colour, left, right) = lines[place], start = target + 3 * margin
        guard row < left.height else { return }
        if row < BitmapFont.capitalRows * unit {
            for x in 0..<10 * unit { (start[3 * x], start[3 * x + 1], start[3 * x + 2]) = colour }
        }
        left.draw(row: row, into: start + 3 * 14 * unit, grey: 0)
        right.draw(row: row, into: target + 3 * (width - margin - right.width), grey: 0)
    }
}

extension ImageRows {
    /// The picture with a legend under it. It keeps its own pixels; where the legend is wider, white is at its right.
    /// - Precondition: there is a line.
    public func withLegend(_ lines: [Legend.Line]) -> ImageRows {
        precondition(!lines.isEmpty, "a legend has a line")
        let legend = Legend(lines, pictureWidth: width, pictureHeight: height)
        return ImageRows(width: legend.width, height: height + legend.height) { [start, width, height] in
            let next = start()
            var y = 0
            return { target in
                if y < height {
                    next(target)
                    (target + 3 * width).update(repeating: 255, count: 3 * (legend.width - width))
                } else {
                    legend.draw(row: y - height, into: target)
                }
                y += 1
            }
        }
    }
}
