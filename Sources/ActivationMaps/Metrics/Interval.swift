import Network
import Platform

/// A mean of many numbers, made while they come: nothing but sums is held.
public struct Mean: Sendable, Equatable {
    /// How many numbers there were.
    public private(set) var count = 0
    /// Of them; 0 where there were none.
    public private(set) var value = 0.0
    /// The sum of the squared distances from the mean.
    private var squares = 0.0
    /// Whether each was 0 or 1.
    private var areShares = true

    /// Of no number yet.
    public init() {}

    /// Numbers that are not finite are left out. Welford, "Note on a method for calculating corrected sums of squares
    /// and products", 1962.
    public mutating func add(_ number: Double) {
        guard number.isFinite else { return }
        count += 1
        let distance = number - value
        value += distance / Double(count)
        squares += distance * (number - value)
        areShares = areShares && (number == 0 || number == 1)
    }

    /// How an interval was made.
    public enum IntervalKind: String, Sendable {
        /// Of a mean: Student's t, value -/+ t * s / sqrt(n).
        case t
        /// Of a share, a mean of zeros and ones: Wilson, "Probable inference, the law of succession, and statistical
        /// inference", 1927.
        case wilson
    }

    /// The interval that holds the true mean 95 times of 100, if the numbers were drawn one by one; nil of fewer than
    /// two.
    public var interval: (low: Double, high: Double, kind: IntervalKind)? {
        guard areShares, count > 1 else { return studentInterval.map { ($0.low, $0.high, .t) } }
        let n = Double(count)
        let z = Self.normal, middle = (value + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (value * (1 - value) / n + z * z / (4 * n * n)).squareRoot()
        return (max(middle - half, 0), min(middle + half, 1), .wilson)
    }

    /// The same by Student's t, whatever the numbers.
    public var studentInterval: (low: Double, high: Double)? {
        guard count > 1 else { return nil }
        let n = Double(count), half = Self.t(count - 1) * (squares / (n - 1) / n).squareRoot()
        return (value - half, value + half)
    }

    /// The point that 97.5 % of a normal distribution are below.
    private static let normal = 1.959963984540054

    /// The same of Student's distribution of so many degrees of freedom: from a table, beyond it Cornish and Fisher's
    /// expansion (Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.7.5).
    static func t(_ freedom: Int) -> Double {
        if freedom <= table.count { return table[freedom - 1] }
        let z = normal, n = Double(freedom), z2 = z * z
        let first = z * (z2 + 1) / 4, second = z * ((5 * z2 + 16) * z2 + 3) / 96
        let third = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384
        return z + (first + (second + third / n) / n) / n
    }

    private static let table = [
        12.7062, 4.30265, 3.18245, 2.77645, 2.57058, 2.44691, 2.36462, 2.30600, 2.26216, 2.22814, 2.20099, 2.17881,
        2.16037, 2.14479, 2.13145, 2.11991, 2.10982, 2.10092, 2.09302, 2.08596,
    ]
}
