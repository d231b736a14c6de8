import Network

/// Something that a device computed, as far as that decides whether an earlier comparison with the CPU speaks for it.
struct Work: Sendable {
    enum Kind: Hashable, Sendable {
        /// Scores, and what is recorded.
        case run
        /// The same from a value on.
        case resumed
        /// Streams of images: written by the host, masked on the device, and values in the middle of the network.
        case written, masked, suffix
        /// Gradients by a rule, of a run or of a resumed one.
        case walk(RectifierRule, isResumed: Bool)
    }

    let kind: Kind
    /// What is recorded, what is replaced, or where gradients are asked for.
    let values: Set<ValueID>
    /// How many images passes held, by powers of two: passes of other sizes are computed in other ways.
    private let sizes: Set<Int>

    /// - Parameter passes: images of each; 0 where there is none.
    init(kind: Kind, values: Set<ValueID> = [], passes: [Int]) {
        (self.kind, self.values) = (kind, values)
        sizes = Set(passes.filter { $0 > 0 }.map { Int.bitWidth - $0.leadingZeroBitCount })
    }

    func covers(_ other: Work) -> Bool {
        kind == other.kind && sizes.isSuperset(of: other.sizes) && values.isSuperset(of: other.values)
    }
}

/// Some of a stream's rows of scores, which are compared with the CPU's: the first image's, that of the last image of a
/// whole pass, and of the last one of all.
struct Sample {
    private let count: Int
    private var rows: [[Float]] = []
    private var next = 0
    /// Images of a whole pass.
    private(set) var pass = 1

    init(of count: Int) { self.count = count }

    /// Images of whole passes, and of the last one.
    var passes: [Int] { [min(pass, count), count % pass] }

    var places: [Int] { Set([0, min(pass, count) - 1, count - 1]).sorted() }

    mutating func begin() { (rows, next) = ([], 0) }

    /// Takes the next image's.
    ///
    /// - Parameter pass: images of a whole pass.
    mutating func take(_ row: [Float], pass: @autoclosure () -> Int) {
        if next == 0 { self.pass = pass() }
        if next == 0 || next == self.pass - 1 || next == count - 1 { rows.append(row) }
        next += 1
    }

    /// - Parameter expected: rows of the images at `places`.
    func difference(from expected: [[Float]]) -> Difference {
        guard rows.count == expected.count else { return Difference(values: .infinity) }
        return Difference(values: zip(rows, expected).reduce(0) { max($0, Trial.relative($1.0, $1.1)) })
    }
}
