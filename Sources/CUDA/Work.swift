import Network

/// Something that a device computed, as far as that decides whether an earlier comparison with the CPU speaks for it.
struct Work: Sendable {
    enum Kind: Hashable, Sendable {
        /// Scores, and what is recorded.
        case run
        /// The same from a value on.
        case resumed
        /// Streams of images: written by the host, masked on the device by maps of a size, and values in the middle of
        /// the network.
        case written, masked(MapSize), suffix
        /// Gradients by a rule, of a run or of a resumed one.
        case walk(RectifierRule, isResumed: Bool)
    }

    let kind: Kind
    /// What is recorded, what is replaced, or where gradients are asked for.
    var values: Set<ValueID>
    /// How many images passes held, by powers of two: passes of other sizes are computed in other ways.
    private let sizes: Set<Int>
    private let changes: Int

    /// - Parameters:
    ///   - passes: images of each; 0 where there is none.
    ///   - changes: how often the session has taken other algorithms than before.
    init(kind: Kind, values: Set<ValueID> = [], passes: [Int], changes: Int) {
        (self.kind, self.values, self.changes) = (kind, values, changes)
        sizes = Set(passes.filter { $0 > 0 }.map(\.magnitudeInBits))
    }

    func covers(_ other: Work) -> Bool {
        kind == other.kind && changes == other.changes && sizes.isSuperset(of: other.sizes)
            && values.isSuperset(of: other.values)
    }

    /// Whether it is nothing: gradients nowhere.
    var isEmpty: Bool { if case .walk = kind { values.isEmpty } else { false } }
}

/// Of a map, by powers of two.
struct MapSize: Hashable {
    private let height, width: Int

    init(_ map: FeatureMap) { (height, width) = (map.height.magnitudeInBits, map.width.magnitudeInBits) }
}

/// What was found of the networks of a form.
struct Findings {
    /// What was compared and agrees.
    var compared: [Work] = []
    /// How often a comparison said nothing of gradients at a value.
    private var silent: [Silence: Int] = [:]
    /// After so many more say no more.
    private static let mostSilent = 8

    private struct Silence: Hashable {
        let kind: Work.Kind
        let value: ValueID
    }

    /// - Parameter asked: at what values the work was compared, of which it has those that the comparison speaks for.
    mutating func add(_ work: Work, asked: Set<ValueID>) {
        var work = work
        for value in asked.subtracting(work.values) {
            let silence = Silence(kind: work.kind, value: value), count = silent[silence, default: 0] + 1
            silent[silence] = count
            if count >= Self.mostSilent { work.values.insert(value) }
        }
        guard !work.isEmpty else { return }
        compared.removeAll { work.covers($0) }
        compared.append(work)
    }
}

/// What one comparison speaks for: a network read for inputs of about the same size.
struct NetworkForm: Hashable {
    /// Of an image, by powers of two, and what strides up to 32 leave of them, on which padding hangs.
    private let extents: [[Int]]
    /// By which values of two are the same ones.
    private let nodes, values: Int

    init(_ graph: Graph) {
        extents = graph.inputShape.dims.map { [$0.magnitudeInBits, $0 % 32] }
        (nodes, values) = (graph.nodes.count, graph.values.count)
    }
}

extension Int {
    /// Of a number above zero the power of two that it lies below.
    fileprivate var magnitudeInBits: Int { Int.bitWidth - leadingZeroBitCount }
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

    /// - Parameters:
    ///   - expected: rows of the images at `places`.
    ///   - shaken: the same of a draw of shaken images.
    func difference(
        from expected: [[Float]], in precision: Precision, shaken: (_ draw: UInt32) throws(NetworkError) -> [[Float]]
    ) throws(NetworkError) -> Difference {
        let own = Self.difference(rows, expected)
        let isRounding = try own.isRounding(in: precision) { draw throws(NetworkError) -> Difference in
            Self.difference(try shaken(draw), expected)
        }
        return isRounding ? Difference() : own
    }

    private static func difference(_ rows: [[Float]], _ expected: [[Float]]) -> Difference {
        guard rows.count == expected.count else { return Difference(scores: .infinity) }
        return Difference(scores: zip(rows, expected).reduce(0) { max($0, Trial.relative($1.0, $1.1)) })
    }
}
