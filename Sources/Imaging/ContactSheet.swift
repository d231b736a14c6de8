/// Pictures of one size in a grid on white, with lines of text under each.
public struct ContactSheet: Sendable {
    /// A line under a picture: cut at the left, with an ellipsis, where both have no room.
    public struct Line: Sendable {
        let left, right: String

        /// - Parameter right: stands at the right end.
        public init(_ left: String, right: String = "") { (self.left, self.right) = (left, right) }
    }

    /// A picture and what stands under it.
    public struct Tile: Sendable {
        let picture: ImageRows
        let lines: [Line]

        /// - Parameter lines: the first is drawn darker than the others.
        public init(_ picture: ImageRows, _ lines: [Line]) { (self.picture, self.lines) = (picture, lines) }
    }

    /// Row by row, in the order of reading.
    let tiles: [Tile]
    let columns: Int

    /// Chooses the number of columns that brings the sheet closest to 8 : 5; places that stay empty count against it.
    /// - Precondition: there is a tile; all pictures have one size.
    public init(_ tiles: [Tile]) {
        precondition(
            !tiles.isEmpty
                && tiles.allSatisfy {
                    $0.picture.width == tiles[0].picture.width && $0.picture.height == tiles[0].picture.height
                }, "a sheet is made of pictures of one size")
        self.tiles = tiles
        let cell = Cell(tiles)
        func cost(_ columns: Int) -> Double {
            let rows = (tiles.count + columns - 1) / columns, places = Double(rows * columns)
            let aspect = Double(columns * cell.width) / Double(rows * cell.height)
            return max(aspect / 1.6, 1.6 / aspect) * (1 + 2 * (places - Double(tiles.count)) / places)
        }
        columns = (1...tiles.count).min { cost($0) < cost($1) }!
    }

    /// The sheet, drawn row by row: no more of it is in memory than a row, besides its pictures.
    public var rows: ImageRows {
        let cell = Cell(tiles), margin = Cell.margin
        let width = margin + columns * cell.width, bands = (tiles.count + columns - 1) / columns
        return ImageRows(width: width, height: margin + bands * cell.height) { [tiles, columns] in
            var y = 0, drawn: [(UnsafeMutablePointer<UInt8>, Int) -> Void] = []
            return { target in
                target.update(repeating: 255, count: 3 * width)
                if y >= margin {
                    let (band, row) = (y - margin).quotientAndRemainder(dividingBy: cell.height)
                    if row == 0 { drawn = tiles.dropFirst(band * columns).prefix(columns).map(cell.start) }
                    for (column, draw) in drawn.enumerated() { draw(target + 3 * (margin + column * cell.width), row) }
                }
                y += 1
            }
        }
    }

    /// A photo at the size that suits a sheet, at its own aspect, by Pillow's bicubic filter: as many pixels as 320 x 240
    /// has, 480 at most along a side.
    public static func picture(of photo: Image) -> Image {
        let (width, height) = (Double(photo.width), Double(photo.height))
        let scale = min((320 * 240 / (width * height)).squareRoot(), 480 / max(width, height))
        func scaled(_ side: Double) -> Int { max(Int((side * scale).rounded()), 1) }
        return photo.resized(width: scaled(width), height: scaled(height), by: .bicubic)
    }

    /// What a tile takes of the sheet, in pixels, with the margin at its right and bottom.
    private struct Cell: Sendable {
        static let margin = 24
        private static let scale = 2, lineHeight = 24, gap = 8, leastWidth = 240
        private let pictureHeight: Int
        /// Without the margin.
        private let inner: Int
        let width, height: Int

        init(_ tiles: [Tile]) {
            pictureHeight = tiles[0].picture.height
            inner = max(tiles[0].picture.width, Self.leastWidth)
            width = inner + Self.margin
            height = pictureHeight + Self.gap + Self.lineHeight * (tiles.map(\.lines.count).max() ?? 0) + Self.margin
        }

        /// Begins at the tile's top: each call of the result draws a row of it, counted from there, from a place in the
        /// sheet's row on.
        func start(_ tile: Tile) -> (UnsafeMutablePointer<UInt8>, Int) -> Void {
            let next = tile.picture.start()
            let lines = tile.lines.map { line in
                let right = TextLine(line.right, scale: Self.scale, room: inner)
                let room = inner - (right.width == 0 ? 0 : right.width + 6 * Self.scale)
                return (left: TextLine(line.left, scale: Self.scale, room: room), right: right)
            }
            return { target, row in
                if row < pictureHeight { return next(target) }
                let (place, y) = (row - pictureHeight - Self.gap).quotientAndRemainder(dividingBy: Self.lineHeight)
                guard y >= 0, place < lines.count, y < lines[place].left.height else { return }
                let (left, right) = lines[place], grey: UInt8 = place == 0 ? 0 : 95
                left.draw(row: y, into: target, grey: grey)
                right.draw(row: y, into: target + 3 * (inner - right.width), grey: grey)
            }
        }
    }
}
