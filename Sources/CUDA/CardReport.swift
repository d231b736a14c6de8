import CCUDA
import Network

/// What there is to tell of the process's card.
public struct CardReport: Sendable {
    /// As its maker calls it, with its compute capability: `8.6`.
    public let name, capability: String
    /// The driver's version: `12.4`.
    public let driver: String
    /// Each library that was found, with its file.
    public let libraries: [(name: String, path: String)]
    /// Bytes of its memory, and of those that are free.
    public let memory, free: Int

    /// - Throws: `.device`.
    public init() throws(NetworkError) { try self.init(CUDA.first()) }

    package init(_ card: Card) throws(NetworkError) {
        (name, capability) = (card.name, "\(card.architecture / 10).\(card.architecture % 10)")
        driver = "\(card.driverVersion / 1000).\(card.driverVersion % 1000 / 10)"
        libraries = card.libraries.paths.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        (memory, free) = (card.memory, try card.free())
    }
}

/// A network on a card against the CPU.
public struct CardTrial: Sendable {
    /// By how much scores, and Grad-CAM's map at the layer, differ from the CPU's at the most, of the largest.
    public let difference: Float
    /// Of the second pass forward, and of the second pass forward and back to the layer, on the card and on the CPU.
    public let card, cpu: (scores: Duration, gradient: Duration)

    /// Whether a run would go on with the card.
    public var agrees: Bool { difference <= GuardedProgram.tolerance }

    /// - Parameters:
    ///   - image: as the network is fed.
    ///   - layer: whose map is compared.
    public init(
        _ graph: Graph, image: [Float], layer: ValueID?, threads: Int
    ) throws(NetworkError) {
        try self.init(CUDA.load(graph, LoadOptions(threads: threads)), image: image, layer: layer, threads: threads)
    }

    package init(
        _ program: any Program, image: [Float], layer: ValueID?, threads: Int
    ) throws(NetworkError) {
        let session = program.session(threads: threads),
            recording = Recording(gradients: Set([layer].compactMap { $0 }))
        let run = try session.run([image], recording: recording)
        difference = try Trial(run, image, program.graph, threads).difference()
        card = try Self.times(session, image, layer)
        cpu = try Self.times(
            CPU.load(program.graph, LoadOptions(threads: threads)).session(threads: threads), image, layer)
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
