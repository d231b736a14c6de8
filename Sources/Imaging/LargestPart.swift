/// The largest connected part of a map, found while its rows are made: memory is taken for the parts that a row meets.
extension PlaneRows {
    /// The box of a map: the least rectangle around the largest connected part (by 8 neighbours, in pixels) of what is
    /// above a share of the map's maximum. Of equal ones that which comes first, row by row; nil where nothing is
    /// above 0.
    ///
    /// Selvaraju et al., "Grad-CAM", ICCV 2017, section 4.1 (localisation), with a share of 15 %.
    /// - Precondition: there is one number a pixel.
    public func box(share: Float = 0.15) -> Rectangle? {
        let greatest = greatest.value
        return greatest > 0 ? largestPart(above: share * greatest) : nil
    }

    /// The greatest number and its place, of equal ones the first, row by row; NaN counts for nothing.
    public var greatest: (value: Float, x: Int, y: Int) {
        var greatest = (value: -Float.infinity, x: 0, y: 0)
        forEachRow { y, row in
            for x in row.indices where row[x] > greatest.value { greatest = (row[x], x, y) }
        }
        return greatest
    }

    /// The least rectangle around the largest connected part of what is above a threshold; nil where nothing is.
    func largestPart(above threshold: Float) -> Rectangle? {
        var largest = Part.Extent.none
        var above: [Run] = []
        forEachRow { y, row in
            var runs: [Run] = [], first = 0, x = 0
            while x < row.count {
                guard row[x] > threshold else {
                    x += 1
                    continue
                }
                let start = x
                while x < row.count, row[x] > threshold { x += 1 }
                let part = Part(.init(start..<x, y, first: y * width + start))
                // Runs touch that share a column, or whose columns are neighbours.
                while first < above.count, above[first].columns.upperBound < start { first += 1 }
                for run in above[first...].prefix(while: { $0.columns.lowerBound <= x }) { part.join(run.part) }
                let extent = part.root.extent
                if largest < extent { largest = extent }
                runs.append(Run(columns: start..<x, part: part))
            }
            above = runs
        }
        return largest.area > 0 ? largest.box : nil
    }

    /// Calls `body` with one row after another, top-down.
    func forEachRow(_ body: (_ y: Int, UnsafeBufferPointer<Float>) -> Void) {
        let row = Row(width * channels), next = start()
        for y in 0..<height {
            next(row.base)
            body(y, UnsafeBufferPointer(start: row.base, count: width * channels))
        }
    }
}

/// Neighbouring pixels of a row.
private struct Run {
    let columns: Range<Int>
    let part: Part
}

/// A connected part, as far as rows were read; one that is a part of another leads to it.
private final class Part {
    struct Extent {
        var area: Int
        var box: Rectangle
        /// The place of its first pixel, row by row.
        var first: Int

        static let none = Extent(area: 0, box: Rectangle(x0: 0, y0: 0, x1: 0, y1: 0), first: 0)

        static func < (one: Self, other: Self) -> Bool { (one.area, -one.first) < (other.area, -other.first) }
    }
    var extent: Extent
    private var whole: Part?

    init(_ extent: Extent) { self.extent = extent }

    /// The part that it belongs to.
    var root: Part {
        var part = self
        while let whole = part.whole {
            if let next = whole.whole { part.whole = next }
            part = whole
        }
        return part
    }

    /// Makes both one part: the smaller leads to the larger.
    func join(_ other: Part) {
        let (one, two) = (root, other.root)
        guard one !== two else { return }
        let (small, large) = one.extent.area < two.extent.area ? (one, two) : (two, one)
        large.extent = .init(
            area: small.extent.area + large.extent.area, box: small.extent.box.union(large.extent.box),
            first: min(small.extent.first, large.extent.first))
        small.whole = large
    }
}

extension Part.Extent {
    /// Of a run.
    fileprivate init(_ columns: Range<Int>, _ y: Int, first: Int) {
        self.init(
            area: columns.count,
            box: Rectangle(
                x0: Double(columns.lowerBound), y0: Double(y), x1: Double(columns.upperBound), y1: Double(y + 1)),
            first: first)
    }
}
