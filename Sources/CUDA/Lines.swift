import CCUDA
import Network

/// Lines of numbers in the card's memory, each of which comes to two numbers.
struct Lines {
    /// How many there are, and how many numbers each has.
    let count, extent: Int
    /// Numbers from one of a line to the next, which those of so many other lines lie between.
    var inner = 1

    /// Threads that keep a card at work.
    private static let threads = 1 << 16
    /// Parts of a line at the most, which one thread joins, and numbers of a part at least.
    private static let mostParts = 256, leastPart = 8

    /// How many threads share a line of so many numbers: one where there are many lines, or short ones.
    static func parts(_ lines: Int, of extent: Int) -> Int {
        max(1, min(extent / leastPart, threads / max(1, lines), mostParts))
    }

    private var parts: Int { Self.parts(count, of: extent) }

    /// Numbers of what is worked in: sums of double precision, and what is found.
    var work: [Int] { [4 * count * parts, 2 * count] }

    /// What a line of x comes to, [lines][2]: see `line_kind`.
    ///
    /// - Parameter pull: what `line_pull` reads besides.
    func found(
        _ kind: line_kind, _ stream: Stream, x: UInt64, d: UInt64 = 0, epsilon: Double = 0, pull: Pull? = nil
    ) throws(NetworkError) -> Buffer {
        let parts = parts, found = try stream.pool.take(2 * count)
        // Numbers of double precision.
        let sums = try stream.pool.take(4 * count * parts)
        try stream.launch(
            line_parts(
                count: Int64(count * parts), parts: Int64(parts), extent: Int64(extent), inner: Int64(inner),
                kind: Int32(kind.rawValue), numbers: Int64(pull?.numbers ?? 1), gain_run: Int64(pull?.gainRun ?? 1),
                gains: Int64(pull?.gains ?? 1), gain: pull?.gain ?? 0, known: pull?.known ?? 0, x: x, d: d,
                sums: sums.address))
        try stream.launch(
            line_join(
                count: Int64(count), parts: Int64(parts), extent: Int64(extent), kind: Int32(kind.rawValue),
                subtracts_mean: pull?.subtractsMean == false ? 0 : 1, epsilon: epsilon, known: pull?.known ?? 0,
                sums: sums.address, found: found.address))
        withExtendedLifetime(sums) {}
        return found
    }

    /// What `line_pull` reads besides.
    struct Pull {
        /// Of an image; that share a gain; gains.
        let numbers, gainRun, gains: Int
        let subtractsMean: Bool
        /// The gains, and what the lines' moments are.
        let gain, known: UInt64
    }
}
