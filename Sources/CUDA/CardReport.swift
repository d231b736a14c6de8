import CCUDA
import Network

/// What there is to tell of the process's card.
public struct CardReport: Sendable {
    /// As its maker calls it, with its compute capability: `8.6`.
    public let name, capability: String
    /// What it can multiply.
    public let precisions: [Precision]
    /// The driver's version: `12.4`.
    public let driver: String
    /// Each library that was found, with its file.
    public let libraries: [(name: String, path: String)]
    /// Whether convolutions are cuDNN's, and not cuBLAS's products; why each cuDNN that was found is not taken.
    public let hasCUDNN: Bool, passedOver: [String]
    /// Bytes of its memory, and of those that are free.
    public let memory, free: Int

    /// - Throws: `.device`.
    public init() throws(NetworkError) { try self.init(CUDA.first()) }

    package init(_ card: Card) throws(NetworkError) {
        (name, capability) = (card.name, "\(card.architecture / 10).\(card.architecture % 10)")
        precisions = card.precisions
        driver = "\(card.driverVersion / 1000).\(card.driverVersion % 1000 / 10)"
        libraries = card.libraries.paths.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        (hasCUDNN, passedOver) = (card.hasCUDNN, card.passedOver)
        (memory, free) = (card.memory, try card.free())
    }
}

/// A network on a card against the CPU.
public struct CardTrial: Sendable {
    /// What the card multiplied.
    public let precision: Precision
    /// Whether there is a layer, and so a map, to compare.
    public let hasMap: Bool
    /// By how much scores, and the layer's values and Grad-CAM's map, differ from the CPU's; where only gradients do too
    /// much, these.
    public var difference: CUDA.Discrepancy {
        found.excess(in: precision) ?? .ofLargest(max(found.scores, found.values))
    }
    private let found: Difference
    /// Of the second pass forward, and of the second pass forward and back to the layer, on the card and on the CPU.
    public let card, cpu: (scores: Duration, gradient: Duration)

    /// Whether a run would go on with the card.
    public var agrees: Bool { found.excess(in: precision) == nil }

    /// - Parameters:
    ///   - image: as the network is fed.
    ///   - layer: whose map is compared, where there is one.
    ///   - precision: one of `CUDA.precisions`; nil: float32.
    public init(
        _ graph: Graph, image: [Float], layer: ValueID?, precision: Precision?, threads: Int
    ) throws(NetworkError) {
        var options = LoadOptions(threads: threads)
        options.precision = precision
        try self.init(CUDA.load(graph, options), image: image, layer: layer, threads: threads)
    }

    package init(
        _ program: any Program, image: [Float], layer: ValueID?, threads: Int
    ) throws(NetworkError) {
        (precision, hasMap) = (program.precision, layer != nil)
        let session = program.session(threads: threads)
        // As a run asks before its first photo.
        try session.check(
            Recording(gradients: Set([layer].compactMap { $0 })), images: 1, streams: false, runs: 1)
        found = try Self.difference(session, image, layer, threads)
        card = try Self.times(session, image, layer)
        cpu = try Self.times(
            CPU.load(program.graph, LoadOptions(threads: threads)).session(threads: threads), image, layer)
    }

    private static func difference(
        _ session: any Session, _ image: [Float], _ layer: ValueID?, _ threads: Int
    ) throws(NetworkError) -> Difference {
        // The gradient at the input passes every layer.
        let graph = session.graph, onPath = graph.ancestors(of: graph.logits)
        let layers = Set([layer, graph.image.isInteger ? nil : graph.input].compactMap { $0 }).intersection(onPath)
            .sorted()
        let recording = Recording(gradients: Set(layers))
        let run = try session.run([image], recording: recording)
        var options = LoadOptions(threads: threads, expectedImages: 1)
        options.precision = .float32
        let expected = try CPU.load(graph, options).session(threads: threads)
            .run([image], recording: recording)
        var differences = try Trial.values(run, 0, expected, 0)
        let scores = expected.scores[0]
        guard !layers.isEmpty, let best = scores.indices.max(by: { scores[$0] < scores[$1] }) else {
            return differences.reduce(Difference()) { $0.joined($1) }
        }
        let cotangent = scores.indices.map { $0 == best ? Float(1) : 0 }
        func walk(_ run: any Run) throws(NetworkError) -> Trial.Walk {
            let gradients = try run.gradients([cotangent], at: layers, rule: .plain)[0]
            return Trial.Walk(gradients: gradients, run: run, image: 0)
        }
        differences += try walk(run).differences(from: walk(expected), at: layers, of: 1, isPlain: true, graph)
        return differences.reduce(Difference()) { $0.joined($1) }
    }

    private static func times(
        _ session: any Session, _ image: [Float], _ layer: ValueID?
    ) throws(NetworkError) -> (scores: Duration, gradient: Duration) {
        let clock = ContinuousClock(), recording = Recording(gradients: Set([layer].compactMap { $0 }))
        var times: (Duration, Duration) = (.zero, .zero)
        // The first pass prepares what the others use.
        for _ in 0..<2 {
            let start = clock.now
            _ = try session.run([image], recording: Recording()).scores
            let scored = clock.now, run = try session.run([image], recording: recording)
            if let layer {
                _ = try run.gradients([run.scores[0].map { _ in 1 }], at: [layer], rule: .plain)
            }
            times = (scored - start, clock.now - scored)
        }
        return times
    }
}
