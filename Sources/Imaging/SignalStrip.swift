/// A signal, or other numbers at its times, as a picture: time runs from left to right, dark on white. Few channels are
/// curves, one under another; of many each is a row of grey.
struct SignalStrip {
    private let raster: Raster
    /// The channels drawn, from the top.
    private let shown: [Int]
    private let width, height: Int
    /// The numbers at the bottom and at the top of a channel's place.
    private let ranges: [(low: Float, high: Float)]

    /// More channels are rows.
    private static let mostCurves = 16
    private static let mostWidth = 4096, mostHeight = 1024

    /// - Parameters:
    ///   - raster: of height 1.
    ///   - shown: its channels that are drawn; one at least.
    ///   - isSigned: whether 0 is in the middle of every channel, and all have one scale; else each has its own, from its
    ///     least number to its greatest.
    ///   - size: of the picture; nil: as wide as the signal is long, within 1024 to 4096, and as high as its channels
    ///     ask for.
    init(_ raster: Raster, channels shown: [Int], isSigned: Bool = false, size: (width: Int, height: Int)? = nil) {
        (self.raster, self.shown) = (raster, shown)
        (width, height) = size ?? Self.size(of: raster, channels: shown.count)
        let bands = shown.map { raster.values[$0 * raster.width..<($0 + 1) * raster.width].lazy.filter(\.isFinite) }
        if isSigned {
            let most = bands.reduce(Float(0)) { max($0, $1.reduce(0) { max($0, abs($1)) }) }
            ranges = bands.map { _ in (-most, most) }
        } else {
            ranges = bands.map { ($0.min() ?? 0, $0.max() ?? 0) }
        }
    }

    private static func size(of raster: Raster, channels: Int) -> (width: Int, height: Int) {
        let width = raster.width < 512 ? raster.width * (1024 / raster.width) : min(max(raster.width, 1024), mostWidth)
        let each = channels > mostCurves ? max(512 / channels, 1) : min(max(512 / channels, 40), 200)
        return (width, min(channels * each, mostHeight))
    }

    var image: Image {
        var pixels = [UInt8](repeating: 255, count: 3 * width * height)
        shown.count > Self.mostCurves ? drawRows(&pixels) : drawCurves(&pixels)
        return Image(width: width, height: height, pixels: pixels)
    }

    private func drawCurves(_ pixels: inout [UInt8]) {
        for place in shown.indices {
            let top = place * height / shown.count, lane = (place + 1) * height / shown.count - top
            let margin = max(lane / 12, 1)
            func row(_ number: Float) -> Int {
                top + margin + Int((Float(lane - 1 - 2 * margin) * (1 - level(number, in: ranges[place]))).rounded())
            }
            if place > 0 { for x in 0..<width { set(&pixels, x, top, to: 200) } }
            for x in 0..<width {
                let (least, greatest) = numbers(of: place, at: x)
                // Two pixels thick.
                let (first, last) = (row(greatest), row(least))
                for y in min(first, last)...max(first, last) + 1 where y < height { set(&pixels, x, y, to: 0) }
            }
        }
    }

    private func drawRows(_ pixels: inout [UInt8]) {
        for y in 0..<height {
            // More channels than rows share one: the mean of them.
            let first = y * shown.count / height, end = max((y + 1) * shown.count / height, first + 1)
            for x in 0..<width {
                var sum: Float = 0
                for place in first..<end {
                    let (least, greatest) = numbers(of: place, at: x)
                    sum += level(abs(least) > abs(greatest) ? least : greatest, in: ranges[place])
                }
                set(&pixels, x, y, to: UInt8((255 * (1 - sum / Float(end - first))).rounded()))
            }
        }
    }

    /// Where a number is between the ends of a range, 0..1: half way where it is none, as after an overflow.
    private func level(_ number: Float, in range: (low: Float, high: Float)) -> Float {
        guard range.high > range.low, !number.isNaN else { return 0.5 }
        // Halves, as the difference of two floats need not be one.
        let level = (number / 2 - range.low / 2) / (range.high / 2 - range.low / 2)
        return min(max(level, 0), 1)
    }

    private func set(_ pixels: inout [UInt8], _ x: Int, _ y: Int, to grey: UInt8) {
        for colour in 0..<3 { pixels[3 * (y * width + x) + colour] = grey }
    }

    /// The least and the greatest number of a channel within a column of pixels: straight lines join its numbers.
    private func numbers(of place: Int, at x: Int) -> (least: Float, greatest: Float) {
        let count = raster.width, start = shown[place] * count
        func position(_ edge: Int) -> Double {
            min(max(Double(edge) * Double(count) / Double(width) - 0.5, 0), Double(count - 1))
        }
        func number(_ position: Double) -> Float {
            let before = Int(position), share = Float(position - Double(before))
            let first = raster.values[start + before]
            return share == 0 ? first : first * (1 - share) + raster.values[start + before + 1] * share
        }
        let (from, to) = (position(x), position(x + 1)), (first, last) = (number(from), number(to))
        var (least, greatest) = (min(first, last), max(first, last))
        for i in stride(from: Int(from.rounded(.up)), through: Int(to), by: 1) {
            least = min(least, raster.values[start + i])
            greatest = max(greatest, raster.values[start + i])
        }
        return (least, greatest)
    }
}

extension Image {
    /// Whether it stands for a signal: then it has a row of pixels, one for each time.
    public var isSignal: Bool { numbers?.raster.isSignal ?? false }

    /// The picture over which maps are laid: of a signal a drawing of the shown channels' curves, each from its least
    /// number to its greatest; else the picture itself.
    public var drawn: Image {
        guard isSignal, let numbers else { return self }
        return SignalStrip(numbers.raster, channels: numbers.shown).image
    }

    /// The same at the size that suits a sheet, see `ContactSheet.picture`.
    public var drawnForSheet: Image {
        guard isSignal, let numbers else { return ContactSheet.picture(of: self) }
        return SignalStrip(numbers.raster, channels: numbers.shown, size: (480, 160)).image
    }
}

extension Raster {
    /// A drawing of signed numbers at a signal's times, 0 in the middle of each of the shown channels, of which all have
    /// one scale.
    ///
    /// - Precondition: its height is 1.
    public func drawnSigned(channels shown: [Int]) -> Image { SignalStrip(self, channels: shown, isSigned: true).image }
}

extension Plane {
    /// A row of numbers in fewer columns: of the numbers in each the one that is farthest from 0, so that none is lost.
    ///
    /// - Precondition: the height is 1, and there are as many numbers.
    func strongest(columns: Int) -> Plane {
        precondition(height == 1 && columns <= width, "columns are made of one number at least")
        let strongest = (0..<columns).map { column in
            values[column * width / columns..<(column + 1) * width / columns]
                .reduce(0) { abs($1) > abs($0) || $1.isNaN ? $1 : $0 }
        }
        return Plane(width: columns, height: 1, values: strongest)
    }
}

extension Placement {
    /// The rows of a map of a signal in a picture of another size.
    ///
    /// - Precondition: the map covers the signal, of height 1.
    public func signalRows(of map: Plane, width: Int, height: Int) -> PlaneRows {
        let line = restore(map)
        let row = width < line.width ? line.strongest(columns: width) : line
        return row.resized(width: width, height: height).rows
    }
}
