import Network

/// Something that a device computed, as far as that decides whether an earlier comparison with the CPU speaks for it.
struct Work: Hashable, Sendable {
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
    /// What is recorded, or replaced, or where gradients are asked for; nil: scores.
    let value: ValueID?
    /// Its images by powers of two.
    private let pass: PassKind

    init(_ kind: Kind, at value: ValueID? = nil, of pass: PassKind) {
        (self.kind, self.value) = (kind, value)
        self.pass = PassKind(images: pass.images.magnitudeInBits, left: pass.left)
    }
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
    private(set) var compared: Set<Work> = []
    /// How often a comparison said nothing of it.
    private var silent: [Work: Int] = [:]
    /// After so many more say no more.
    static let mostSilent = 8

    /// - Parameter told: that of which a comparison said something.
    mutating func add(_ told: Set<Work>, of asked: Set<Work>) {
        compared.formUnion(told)
        for work in asked.subtracting(told) {
            let count = silent[work, default: 0] + 1
            silent[work] = count
            if count >= Self.mostSilent { compared.insert(work) }
        }
    }
}

/// A device's numbers of some images beside the CPU's.
struct ComparedImages {
    /// By image, and by what is compared of it.
    let differences: [[Difference]]
    /// What each speaks for; nil where it is zero, and says nothing.
    let works: [[Work?]]

    /// The largest difference but for those that are rounding, each by itself.
    ///
    /// - Parameters:
    ///   - told: gets what is said something of.
    ///   - shaken: by how much the CPU's numbers for a draw of shaken images differ from those for the images.
    func worst(
        in precision: Precision, telling told: inout Set<Work>,
        shaken: (_ draw: UInt32) throws(NetworkError) -> [[Difference]]
    ) throws(NetworkError) -> Difference {
        var worst = Difference(), draws: [UInt32: [[Difference]]] = [:]
        for (image, row) in differences.enumerated() {
            for (index, own) in row.enumerated() {
                let isRounding = try own.isRounding(in: precision) { draw throws(NetworkError) -> Difference in
                    if draws[draw] == nil { draws[draw] = try shaken(draw) }
                    return draws[draw]![image][index]
                }
                if isRounding { continue }
                worst = worst.joined(own)
                if let work = works[image][index] { told.insert(work) }
            }
        }
        return worst
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
    private let kind: Work.Kind
    private let value: ValueID?
    private let count: Int
    private(set) var places: [Int] = []
    private var rows: [(numbers: [Float], pass: PassKind)] = []
    private var passes: Set<PassKind> = []
    private var next = 0
    /// Of the last pass that is of another kind than those before.
    private var ends: [Int] = []

    /// - Parameter value: what is replaced; nil: the input.
    init(_ kind: Work.Kind, at value: ValueID? = nil, of count: Int) {
        (self.kind, self.value, self.count) = (kind, value, count)
    }

    mutating func begin() { self = Sample(kind, at: value, of: count) }

    /// Takes the next image's, and the pass that it is of.
    mutating func take(_ row: [Float], of pass: PassKind) {
        if passes.insert(pass).inserted { ends = [next, next + pass.images - 1] }
        if ends.contains(next) || next == count - 1 {
            places.append(next)
            rows.append((row, pass))
        }
        next += 1
    }

    var works: Set<Work> { Set(passes.map { Work(kind, at: value, of: $0) }) }

    /// - Parameters:
    ///   - told: gets what is said something of.
    ///   - expected: the CPU's rows of the images at `places`, or of a draw of shaken ones.
    func difference(
        in precision: Precision, telling told: inout Set<Work>,
        _ expected: (_ draw: UInt32?) throws(NetworkError) -> [[Float]]
    ) throws(NetworkError) -> Difference {
        let wanted = try expected(nil)
        guard rows.count == wanted.count else { return Difference(scores: .infinity) }
        func differences(_ found: [[Float]]) -> [[Difference]] {
            zip(found, wanted).map { [Difference(scores: Trial.relative($0, $1))] }
        }
        let works = zip(rows, wanted).map { [Trial.tells($1) ? Work(kind, at: value, of: $0.pass) : nil] }
        return try ComparedImages(differences: differences(rows.map(\.numbers)), works: works)
            .worst(in: precision, telling: &told) { draw throws(NetworkError) -> [[Difference]] in
                differences(try expected(draw))
            }
    }
}
