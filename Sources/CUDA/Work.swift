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
    /// Their images by powers of two.
    fileprivate let passes: Set<PassKind>
    /// Of scores: whether the comparison says nothing, as rounding decides, or all is zero. Of gradients there is
    /// nothing said of those values that are not among `values` any more.
    var isSilent = false

    init(kind: Kind, values: Set<ValueID> = [], passes: [PassKind]) {
        (self.kind, self.values) = (kind, values)
        self.passes = Set(passes.map { PassKind(images: $0.images.magnitudeInBits, left: $0.left) })
    }

    func covers(_ other: Work) -> Bool {
        kind == other.kind && passes.isSuperset(of: other.passes) && values.isSuperset(of: other.values)
    }

    /// Whether it is nothing: gradients nowhere.
    var isEmpty: Bool { if case .walk = kind { values.isEmpty } else { false } }
}

/// On what it hangs in which ways a pass is computed.
struct PassKind: Hashable, Sendable {
    let images: Int
    /// What its convolutions are not computed by.
    var left: Set<LeftAlgorithm> = []
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
    /// How often a comparison said nothing.
    private var silent: [Silence: Int] = [:]
    /// After so many more say no more.
    static let mostSilent = 8

    private struct Silence: Hashable {
        let kind: Work.Kind
        let passes: Set<PassKind>
        /// Of gradients at a value; nil: of scores.
        let value: ValueID?
    }

    /// - Parameter asked: at what values the work was compared, of which it has those that the comparison speaks for.
    mutating func add(_ work: Work, asked: Set<ValueID>) {
        var work = work
        for value in asked.subtracting(work.values) where isEnough(work, value) { work.values.insert(value) }
        guard !work.isEmpty, !work.isSilent || isEnough(work, nil) else { return }
        compared.removeAll { work.covers($0) }
        compared.append(work)
    }

    /// Counts one more that said nothing.
    private mutating func isEnough(_ work: Work, _ value: ValueID?) -> Bool {
        let silence = Silence(kind: work.kind, passes: work.passes, value: value)
        let count = silent[silence, default: 0] + 1
        silent[silence] = count
        return count >= Self.mostSilent
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

/// Some of a stream's rows of scores, which are compared with the CPU's: of the first pass of every kind the first and
/// the last image's, and that of the last one of all.
struct Sample {
    private let count: Int
    private(set) var passes: [PassKind] = []
    private(set) var places: [Int] = []
    private var rows: [[Float]] = []
    private var next = 0
    /// Of the last pass that is of another kind than those before.
    private var ends: [Int] = []

    init(of count: Int) { self.count = count }

    mutating func begin() { self = Sample(of: count) }

    /// Takes the next image's, and the pass that it is of.
    mutating func take(_ row: [Float], of pass: PassKind) {
        if !passes.contains(pass) {
            passes.append(pass)
            ends = [next, next + pass.images - 1]
        }
        if ends.contains(next) || next == count - 1 {
            places.append(next)
            rows.append(row)
        }
        next += 1
    }

    /// - Parameters:
    ///   - expected: rows of the images at `places`.
    ///   - work: what is compared, which is silent where rounding decides, or all is zero.
    ///   - shaken: the same rows of a draw of shaken images.
    func difference(
        from expected: [[Float]], in precision: Precision, for work: inout Work,
        shaken: (_ draw: UInt32) throws(NetworkError) -> [[Float]]
    ) throws(NetworkError) -> Difference {
        let own = Self.difference(rows, expected)
        let isRounding = try own.isRounding(in: precision) { draw throws(NetworkError) -> Difference in
            Self.difference(try shaken(draw), expected)
        }
        work.isSilent = isRounding || !expected.contains(where: Trial.tells)
        return isRounding ? Difference() : own
    }

    private static func difference(_ rows: [[Float]], _ expected: [[Float]]) -> Difference {
        guard rows.count == expected.count else { return Difference(scores: .infinity) }
        return Difference(scores: zip(rows, expected).reduce(0) { max($0, Trial.relative($1.0, $1.1)) })
    }
}
