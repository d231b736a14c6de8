@testable import Network

/// The CPU in the place of a device, of whose runs some images come out wrong: all numbers, or gradients alone.
final class FaultyDevice: Program {
    private let cpu: any Program
    fileprivate let wrong: ClosedRange<Int>

    fileprivate let gradients: (@Sendable ([Float]) -> [Float])?

    /// - Parameter gradients: what it makes of those; nil: gradients, and what is recorded, come out backwards.
    init(
        _ graph: Graph, wrong: ClosedRange<Int>, gradients: (@Sendable ([Float]) -> [Float])? = nil
    ) throws {
        var options = LoadOptions(threads: 1)
        options.precision = .float32
        (cpu, self.wrong, self.gradients) = (try CPU.load(graph, options), wrong, gradients)
    }

    var graph: Graph { cpu.graph }
    var precision: Precision { .float32 }
    var kernelName: String { "faulty" }
    func session(threads: Int) -> any Session { FaultySession(self, cpu.session(threads: threads)) }
}

private final class FaultySession: Session {
    let program: any Program
    private let faulty: FaultyDevice
    private let cpu: any Session

    init(_ program: FaultyDevice, _ cpu: any Session) { (self.program, faulty, self.cpu) = (program, program, cpu) }

    /// Has no kernel for any other network.
    func session(of graph: Graph) throws(NetworkError) -> any Session {
        throw .noKernel(node: "node", operator: "Operator", device: "faulty")
    }

    func run(_ images: [[Float]], recording: Recording) throws(NetworkError) -> any Run {
        FaultyRun(try cpu.run(images, recording: recording), faulty)
    }

    func scores<Kept>(_ batch: Batch, keeping keep: ([Float]) -> Kept) throws(NetworkError) -> [Kept] {
        try cpu.scores(batch, keeping: keep)
    }
}

private final class FaultyRun: Run {
    private let run: any Run
    private let faulty: FaultyDevice

    init(_ run: any Run, _ faulty: FaultyDevice) { (self.run, self.faulty) = (run, faulty) }

    var recording: Recording { run.recording }
    var scores: [[Float]] { run.scores }

    func value(_ id: ValueID, image: Int) throws(NetworkError) -> Tensor {
        let value = try run.value(id, image: image)
        guard faulty.wrong.contains(image), faulty.gradients == nil else { return value }
        return Tensor(shape: value.shape, values: value.values.reversed())
    }

    func gradients(
        _ cotangents: [[Float]], of images: Range<Int>, at values: [ValueID], rule: RectifierRule
    ) throws(NetworkError) -> [[Tensor]] {
        let found = try run.gradients(cotangents, of: images, at: values, rule: rule)
        return zip(images, found).map { image, row in
            guard faulty.wrong.contains(image) else { return row }
            return row.map { Tensor(shape: $0.shape, values: faulty.gradients?($0.values) ?? $0.values.reversed()) }
        }
    }

    func scores<Kept>(
        replacing value: ValueID, image: Int, count: Int, keeping keep: ([Float]) -> Kept,
        _ write: @Sendable (Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(NetworkError) -> [Kept] {
        try run.scores(replacing: value, image: image, count: count, keeping: keep, write)
    }

    func resumed(replacing value: ValueID, image: Int, by numbers: [Float]) throws(NetworkError) -> any Run {
        try run.resumed(replacing: value, image: image, by: numbers)
    }
}
