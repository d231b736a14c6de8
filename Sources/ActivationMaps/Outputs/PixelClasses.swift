import Network

/// Which class wins at every pixel of a segmentation.
public struct PixelClasses: Sendable {
    /// The class with the greatest number (the first of equals), a pixel, row by row; -1 where none is finite.
    public let winners: [Int32]
    /// How many pixels each class wins.
    public let counts: [Int]
    /// The sum of each class's numbers over the pixels that it wins.
    let sums: [Double]

    /// Reads a network's row once.
    init(_ row: [Float], _ form: PixelForm) {
        var winners = [Int32](repeating: -1, count: form.area)
        var greatest = [Float](repeating: -.infinity, count: form.area)
        for category in 0..<form.classes {
            let sign = form.sign(of: category), start = form.place(of: category, at: 0)
            let step = form.area > 1 ? form.place(of: category, at: 1) - start : 1
            for pixel in 0..<form.area {
                let number = sign * row[start + pixel * step]
                if number > greatest[pixel] { (greatest[pixel], winners[pixel]) = (number, Int32(category)) }
            }
        }
        var counts = [Int](repeating: 0, count: form.classes), sums = [Double](repeating: 0, count: form.classes)
        for pixel in 0..<form.area where winners[pixel] >= 0 {
            counts[Int(winners[pixel])] += 1
            sums[Int(winners[pixel])] += Double(greatest[pixel])
        }
        (self.winners, self.counts, self.sums) = (winners, counts, sums)
    }
}

extension PixelForm {
    /// Which class wins at every pixel of a row of a network's numbers.
    public func winners(of row: [Float]) -> PixelClasses { PixelClasses(row, self) }

    /// The places of a class's numbers at the pixels that it wins.
    public func places(of category: Int, in classes: PixelClasses) -> [Int] {
        places(of: category) { classes.winners[$0] == category }
    }

    /// The places of a class's numbers at some pixels of the output's own grid, counted row by row.
    public func places(of category: Int, where isIn: (_ pixel: Int) -> Bool) -> [Int] {
        (0..<area).lazy.filter(isIn).map { place(of: category, at: $0) }
    }
}
