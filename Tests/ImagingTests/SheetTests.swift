import Testing

@testable import Imaging

/// What is written into pictures, and pictures that are put together.
@Suite struct SheetTests {
    /// A line's dots, a string a row of the font.
    private func dots(_ text: String, scale: Int = 1, room: Int = .max) -> [String] {
        let line = TextLine(text, scale: scale, room: room)
        return (0..<line.height).map { y in
            var row = [UInt8](repeating: 255, count: 3 * line.width)
            row.withUnsafeMutableBufferPointer {
                if let base = $0.baseAddress { line.draw(row: y, into: base, grey: 7) }
            }
            return stride(from: 0, to: row.count, by: 3).map { x in
                row[x..<x + 3] == [7, 7, 7] ? "#" : row[x..<x + 3] == [255, 255, 255] ? "." : "?"
            }.joined()
        }
    }

    @Test func lettersAreTheirDots() {
        #expect(
            dots("Ag1.") == [
                ".###.........#...", //
                "#...#.......##...", //
                "#...#..####..#...", //
                "#####.#...#..#...", //
                "#...#.#...#..#...", //
                "#...#.#...#..#...", //
                "#...#..####.###.#", //
                "..........#......", //
                ".......###.......",
            ])
    }

    @Test func everyLetterOfASCIIHasItsOwnDots() {
        let letters = (0x21...0x7E).map { Character(Unicode.Scalar($0)) }
        let glyphs = letters.map(BitmapFont.columns)
        #expect(glyphs.allSatisfy { (1...5).contains($0.count) && $0.first != 0 && $0.last != 0 && $0.max()! < 512 })
        #expect(Set(glyphs).count == letters.count - 1) // O and 0 are one
        #expect(BitmapFont.columns(of: " ") == [0, 0, 0])
    }

    @Test(arguments: [
        ("é", "e"), ("e\u{301}", "e"), ("Ångström", "Angstrom"), ("ŁÓDŹ łódź", "LODZ lodz"),
        ("Æ straße œ", "AE strasse oe"),
        ("ı İ", "i I"), ("a\u{A0}–“b”…", "a -\"b\"..."), ("猫 Ж 🐕 \n", "\u{7F} \u{7F} \u{7F} \u{7F}"),
    ])
    func otherLettersFallToTheirBase(_ text: String, _ drawn: String) {
        #expect(dots(text) == dots(drawn))
    }

    @Test func aScaleIsDotsSoLarge() {
        let (small, large) = (dots("k%y"), dots("k%y", scale: 3))
        #expect(large.count == 27)
        for (y, row) in large.enumerated() {
            #expect(row == small[y / 3].map { String(repeating: $0, count: 3) }.joined())
        }
    }

    @Test func longTextEndsInAnEllipsis() {
        let text = "golden retriever, a dog", whole = TextLine(text, scale: 2).width
        #expect(dots(text, scale: 2, room: whole) == dots(text, scale: 2))
        #expect(dots(text, room: 40) == dots("golden..."))
        #expect(dots(text, room: whole / 2 - 1) == dots("golden retriever, a d..."))
        for room in -1...whole { #expect(TextLine(text, scale: 2, room: room).width <= max(room, 0)) }
    }

    private func picture(_ width: Int, _ height: Int, _ colour: [UInt8]) -> ImageRows {
        Image(width: width, height: height, pixels: (0..<width * height).flatMap { _ in colour }).rows
    }

    private func pixel(_ image: Image, _ x: Int, _ y: Int) -> [UInt8] {
        let place = 3 * (y * image.width + x)
        return Array(image.pixels[place..<place + 3])
    }

    @Test func tilesStandInAGridWithTheirLinesUnderThem() {
        let colours: [[UInt8]] = [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
        let sheet = ContactSheet(
            colours.map { .init(picture(250, 100, $0), [.init("name"), .init("label of a class", right: "9 %")]) })
        #expect(sheet.columns == 2)
        let image = sheet.rows.image
        #expect(image.width == 24 + 2 * 274 && image.height == 24 + 2 * 180) // 180 = 100 + 8 + 2 * 24 + 24
        #expect(image == sheet.rows.image)
        for (place, colour) in colours.enumerated() {
            let left = 24 + 274 * (place % 2), top = 24 + 180 * (place / 2)
            for (x, y) in [(0, 0), (249, 0), (0, 99), (249, 99)] { #expect(pixel(image, left + x, top + y) == colour) }
            for (x, y) in [(-1, 0), (250, 0), (0, -1), (0, 100)] {
                #expect(pixel(image, left + x, top + y) == [255, 255, 255])
            }
            // "n" and "l" begin at the tile's left, "%" ends at its right.
            #expect(pixel(image, left, top + 108 + 4) == [0, 0, 0])
            #expect(pixel(image, left, top + 132) == [95, 95, 95])
            #expect(pixel(image, left + 249, top + 132) == [95, 95, 95])
        }
        let empty = (24 + 180..<image.height).flatMap { y in (24 + 274..<image.width).map { pixel(image, $0, y) } }
        #expect(empty.allSatisfy { $0 == [255, 255, 255] })
    }

    @Test func narrowPicturesLeaveRoomForNames() {
        let tile = ContactSheet.Tile(picture(1, 300, [0, 0, 0]), [.init("gradcamelementwise")])
        #expect(ContactSheet([tile]).rows.width == 24 + 240 + 24)
    }

    @Test(arguments: [
        (1, 320, 240, 1), (2, 320, 240, 2), (3, 320, 240, 3), (4, 320, 240, 2), (15, 320, 240, 5), (31, 320, 240, 7),
        (2, 480, 60, 1), (13, 480, 120, 3), (13, 160, 480, 7), (100, 277, 277, 15),
    ])
    func columnsSuitTheScreen(_ tiles: Int, _ width: Int, _ height: Int, _ columns: Int) {
        let tile = ContactSheet.Tile(picture(width, height, [0, 0, 0]), [.init("a"), .init("b")])
        #expect(ContactSheet((0..<tiles).map { _ in tile }).columns == columns)
    }

    @Test(arguments: [
        (640, 480, 320, 240), (480, 640, 240, 320), (32, 32, 277, 277), (700, 100, 480, 69), (3, 500, 3, 480),
        (2000, 1, 480, 1),
    ])
    func photosAreScaledAtTheirAspect(_ width: Int, _ height: Int, _ newWidth: Int, _ newHeight: Int) {
        let photo = randomImage(width, height), small = ContactSheet.picture(of: photo)
        #expect([small.width, small.height] == [newWidth, newHeight])
        #expect(small == photo.resized(width: newWidth, height: newHeight, by: .bicubic))
    }

    /// The bar's colours, from its bottom to its top, are the colour map's, each once or more; the picture stays.
    @Test(arguments: [(300, 400, Colormap.jet), (400, 300, .bwr), (64, 48, .viridis), (1000, 30, .hot)])
    func aColourBarHasAllColours(_ width: Int, _ height: Int, _ colormap: Colormap) {
        let photo = randomImage(width, height), image = photo.rows.withColorbar(colormap).image
        #expect(image.width > width && image.height == height)
        for y in 0..<height {
            let row = image.pixels[3 * y * image.width..<3 * (y * image.width + width)]
            #expect(row.elementsEqual(photo.pixels[3 * y * width..<3 * (y + 1) * width]))
        }
        let unit = max((min(width, height) + 125) / 250, 1), x = width + 10 * unit
        let bar = (5 * unit..<height - 5 * unit).map { pixel(image, x, $0) }
        let levels = (0..<bar.count).map { Int((255 * Double(bar.count - 1 - $0) / Double(bar.count - 1)).rounded()) }
        #expect(
            bar
                == levels.map {
                    let (red, green, blue) = colormap.colour(UInt8($0))
                    return [red, green, blue]
                })
        #expect(levels.first == 255 && levels.last == 0)
        #expect(pixel(image, x, 5 * unit - 1) == [60, 60, 60] && pixel(image, x, height - 5 * unit) == [60, 60, 60])
        #expect(pixel(image, width, 0) == [255, 255, 255] && pixel(image, image.width - 1, 0) == [255, 255, 255])
    }

    /// Each place has the colour of its strongest map, the first of equals, as bright as that is strong.
    @Test func placesHaveTheColourOfTheStrongestMap() {
        let photo = Image(width: 4, height: 1, pixels: [100, 100, 100, 100, 100, 100, 0, 0, 0, 255, 255, 255])
        let maps: [[Float]] = [[1, 0.2, 0.5, .nan], [0.5, 0.6, 0.5, 0], [0, 0, 0, 7]]
        let rows = maps.map { Plane(width: 4, height: 1, values: $0).rows }
        #expect(photo.coloured(by: rows).image.pixels == [177, 50, 50, 50, 126, 50, 63, 0, 0, 127, 159, 255])
        #expect(photo.coloured(by: rows, imageWeight: 0.75).image.pixels[..<3] == [138, 75, 75])
        let colours = (0..<Hues.count).map { "\(Hues.colour($0))" }
        #expect(Set(colours).count == Hues.count && "\(Hues.colour(Hues.count))" == colours[0])
    }

    @Test(arguments: [(640, 480, 2, 640), (64, 48, 2, 320), (1500, 1200, 5, 1500)])
    func aLegendStandsUnderThePicture(_ width: Int, _ height: Int, _ unit: Int, _ whole: Int) {
        let photo = randomImage(width, height), label = String(repeating: "long label ", count: 90)
        let lines = (0..<3).map { Legend.Line(Hues.colour($0), $0 == 1 ? label : "l", right: "9 %") }
        let image = photo.rows.withLegend(lines).image
        #expect(image.width == whole && image.height == height + 2 * 6 * unit + 3 * 13 * unit - 4 * unit)
        #expect(image == photo.rows.withLegend(lines).image)
        for y in 0..<height {
            let row = image.pixels[3 * y * whole..<3 * (y * whole + width)]
            #expect(row.elementsEqual(photo.pixels[3 * y * width..<3 * (y + 1) * width]))
        }
        for place in 0..<3 {
            let (red, green, blue) = Hues.colour(place), top = height + (6 + 13 * place) * unit
            #expect(pixel(image, 6 * unit, top) == [red, green, blue])
            #expect(pixel(image, 16 * unit - 1, top + 7 * unit - 1) == [red, green, blue])
            for (x, y) in [(6 * unit - 1, top), (16 * unit, top), (6 * unit, top - 1), (6 * unit, top + 7 * unit)] {
                #expect(pixel(image, x, y) == [255, 255, 255])
            }
            // "l" begins behind the square, "%" ends at the right margin.
            #expect(pixel(image, 20 * unit, top) == [0, 0, 0])
            #expect(pixel(image, whole - 6 * unit - 1, top) == [0, 0, 0])
        }
        let under = image.pixels[(3 * whole * (image.height - 6 * unit))...]
        #expect(under.allSatisfy { $0 == 255 })
    }

    @Test func ticksAreWrittenBesideTheBar() {
        let image = randomImage(250, 201).rows.withColorbar(.bwr, ticks: ["-1", "0", "1"]).image
        for (text, row) in [("-1", 195), ("0", 100), ("1", 5)] {
            let drawn = (row - 3..<row + 4).map { y in
                (270..<270 + TextLine(text, scale: 1).width).map { pixel(image, $0, y) == [60, 60, 60] ? "#" : "." }
                    .joined()
            }
            #expect(drawn == Array(dots(text).prefix(7)))
            #expect(pixel(image, 267, row) == [60, 60, 60])
        }
    }

    @Test func aColourBarFitsAnyHeight() {
        for height in 1...40 {
            let image = randomImage(9, height).rows.withColorbar(.jet).image
            #expect(image.height == height && image.width == 9 + (height < 19 ? 19 : height < 28 ? 29 : 37))
        }
    }
}
