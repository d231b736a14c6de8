@testable import Network

/// The CPU in the place of a device, of whose runs the images from one on come out wrong.
final class FaultyDevice: Program {
    private let cpu: any Program
    fileprivate let firstWrong: Int

    init(_ graph: Graph, firstWrong: Int) throws {
        var options = LoadOptions(threads: 1)
        options.precision = .float32
        (cpu, self.firstWrong) = (try CPU.load(graph, options), firstWrong)
    }

    var graph: Graph { cpu.graph }
    var precision: Precision { .float32 }
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
        FaultyRun(try cpu.run(images, recording: recording), faulty.firstWrong)
    }

    func scores<Kept>(_ batch: Batch, keeping keep: ([Float]) -> Kept) throws(NetworkError) -> [Kept] {
        try cpu.scores(batch, keeping: keep)
    }
}

private final class FaultyRun: Run {
    private let run: any Run
    private let firstWrong: Int

    init(_ run: any Run, _ firstWrong: Int) { (self.run, self.firstWrong) = (run, firstWrong) }

    var recording: Recording { run.recording }
    var scores: [[Float]] { run.scores }

    private func values(_ tensor: Tensor, _ image: Int) -> Tensor {
        image < firstWrong ? tensor : Tensor(shape: tensor.shape, values: tensor.values.reversed())
    }

    func value(_ id: ValueID, image: Int) throws(NetworkError) -> Tensor { try run.value(id, image: image) }

    func gradients(
        _ cotangents: [[Float]], of images: Range<Int>, at values: [ValueID], rule: RectifierRule
    ) throws(NetworkError) -> [[Tensor]] {
        let found = try run.gradients(cotangents, of: images, at: values, rule: rule)
        return zip(images, found).map { image, row in row.map { self.values($0, image) } }
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
