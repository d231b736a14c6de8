/// Between which numbers all of a value's numbers lie, whatever the photo.
struct Bounds {
    private(set) var low, high: Float
    /// What all of one image's numbers add up to at most, where none is negative.
    private(set) var total: Float

    static let none = Bounds(-.infinity, .infinity)
    static let fraction = Bounds(0, 1)

    init(_ low: Float, _ high: Float, total: Float = .infinity) {
        let isKnown = low <= high
        self.low = isKnown ? low : -.infinity
        self.high = isKnown ? high : .infinity
        self.total = isKnown && low >= 0 && !total.isNaN ? total : .infinity
    }

    /// Of a constant's numbers.
    init(_ storage: FloatStorage) { self.init(of: (0..<storage.count).lazy.map { storage[$0] }) }

    /// Of some numbers.
    init(of numbers: some Sequence<Float>) {
        var (low, high, total) = (Float.infinity, -Float.infinity, Float(0))
        for number in numbers {
            guard !number.isNaN else { self = .none; return }
            (low, high, total) = (min(low, number), max(high, number), total + number)
        }
        self.init(low, high, total: total)
    }

    /// The tighter ones that the bound of the sum gives, for a value of so many numbers.
    func tightened(_ count: Int) -> Bounds {
        low < 0 ? self : Bounds(low, min(high, max(total, low)), total: min(total, high * Float(count)))
    }

    /// Whether they are parts of one, but for roundings.
    var isFraction: Bool { low >= -1e-3 && high <= 1 + 1e-3 }
    /// Whether they are logarithms of parts of one, but for roundings.
    var isLogOfFraction: Bool { high <= 1e-3 }
    var isLossOfFraction: Bool { low >= -1e-3 }
    var isNotNegative: Bool { low >= 0 }
    var isFinite: Bool { low > -.infinity && high < .infinity }

    func united(with other: Bounds) -> Bounds { Bounds(min(low, other.low), max(high, other.high)) }

    static func + (a: Bounds, b: Bounds) -> Bounds { Bounds(a.low + b.low, a.high + b.high, total: a.total + b.total) }
    static func - (a: Bounds, b: Bounds) -> Bounds { Bounds(a.low - b.high, a.high - b.low) }

    /// Of a function that is monotone between all of these.
    static func corners(_ a: Bounds, _ b: Bounds, _ function: (Float, Float) -> Float) -> Bounds {
        let numbers = [
            function(a.low, b.low), function(a.low, b.high), function(a.high, b.low), function(a.high, b.high),
        ]
        return numbers.contains(where: \.isNaN) ? .none : Bounds(numbers.min()!, numbers.max()!)
    }

    static func * (a: Bounds, b: Bounds) -> Bounds {
        // An open bound times 0 is 0.
        let product = corners(a, b) { $0 == 0 || $1 == 0 ? 0 : $0 * $1 }
        guard a.isNotNegative, b.isNotNegative else { return product }
        return Bounds(product.low, product.high, total: min(a.total * b.high, a.high * b.total))
    }

    static func / (a: Bounds, b: Bounds) -> Bounds {
        if b.low > 0 || b.high < 0 {
            let quotient = corners(a, b) { $0 == 0 ? 0 : $0 / $1 }
            return Bounds(quotient.low, quotient.high, total: b.low > 0 ? a.total / b.low : .infinity)
        }
        return a.isNotNegative && b.isNotNegative ? Bounds(0, .infinity) : .none
    }
}
