/// A line of text in the built-in font, to be drawn row by row.
struct TextLine {
    /// Pixels a dot of the font, across and down.
    let scale: Int
    /// See `BitmapFont.columns`.
    private let columns: [UInt16]

    /// In pixels.
    var width: Int { scale * columns.count }
    var height: Int { scale * BitmapFont.rows }

    /// - Parameter room: a longer text is cut, with an ellipsis at its end, to so many pixels.
    init(_ text: String, scale: Int, room: Int = .max) {
        let room = max(room, 0) / scale, ellipsis = BitmapFont.joined("...".map(BitmapFont.columns))
        var columns: [UInt16] = [], kept: [UInt16] = []
        for character in text {
            columns += (columns.isEmpty ? [] : [0]) + BitmapFont.columns(of: character)
            if columns.count > room {
                columns = Array((kept + ellipsis).prefix(room))
                break
            }
            if character != " ", columns.count + 1 + ellipsis.count <= room { kept = columns + [0] }
        }
        (self.scale, self.columns) = (scale, columns)
    }

    /// Draws one of the line's rows of pixels.
    /// - Parameters:
    ///   - y: 0 to `height` - 1, from the top.
    ///   - target: where in a picture's row the line begins: room for `width` x 3 values.
    ///   - grey: the letters' red, green and blue; between them nothing is drawn.
    func draw(row y: Int, into target: UnsafeMutablePointer<UInt8>, grey: UInt8) {
        for (place, column) in columns.enumerated() where column >> UInt16(y / scale) & 1 == 1 {
            (target + 3 * scale * place).update(repeating: grey, count: 3 * scale)
        }
    }
}
