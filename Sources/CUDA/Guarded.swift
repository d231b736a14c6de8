import Network
import Synchronization

/// A network on a device whose answers are looked at: the first run is the CPU's, too, and where the two differ, or the
/// device fails, the CPU goes on, from the beginning of whatever is being computed.
package final class GuardedProgram: Program {
    /// Which device computes.
    private enum State {
        case untried
        case trusted
        /// And the program of the CPU that took over.
        case replaced(any Program)
    }

    /// The most that a score, of the largest, and a map, of 1, may differ from the CPU's.
    package static let tolerance: Float = 1e-3

    package let graph: Graph
    fileprivate let device: any Program
    fileprivate let options: LoadOptions
    private let state = Mutex(State.untried)
    private let tell: @Sendable (CUDA.Replacement) -> Void

    package var precision: Precision { device.precision }

    /// - Parameter tell: is called once, where the CPU takes over.
    package init(
        _ device: any Program, _ options: LoadOptions, telling tell: @escaping @Sendable (CUDA.Replacement) -> Void
    ) {
        (graph, self.device, self.options, self.tell) = (device.graph, device, options, tell)
    }

    package func session(threads: Int) -> any Session { GuardedSession(self, threads: threads) }

    /// The program of the CPU that took over; nil where the device computes.
    fileprivate var replacement: (any Program)? {
        state.withLock { if case .replaced(let program) = $0 { program } else { nil } }
    }

    /// The CPU takes over, if it has not.
    fileprivate func replace(_ reason: CUDA.Replacement) throws(NetworkError) -> any Program {
        let replaced = state.withLock { state -> Result<(any Program, isNew: Bool), NetworkError> in
            if case .replaced(let program) = state { return .success((program, false)) }
            do throws(NetworkError) {
                let program = try CPU.load(graph, options)
                state = .replaced(program)
                return .success((program, true))
            } catch {
                return .failure(error)
            }
        }
        let (program, isNew) = try replaced.get()
        if isNew { tell(reason) }
        return program
    }

    /// Whether the device is still to be compared: true for one caller alone.
    fileprivate func takesTrial() -> Bool {
        state.withLock { state in
            guard case .untried = state else { return false }
            state = .trusted
            return true
        }
    }
}

final class GuardedSession: Session {
    var program: any Program { guarded }
    private let guarded: GuardedProgram
    private let threads: Int
    private let device: any Session
    private var cpu: (any Session)?

    init(_ program: GuardedProgram, threads: Int) {
        (guarded, self.threads) = (program, threads)
        device = program.device.session(threads: threads)
    }

    func session(of graph: Graph) throws(NetworkError) -> any Session {
        try attempt { session throws(NetworkError) in try session.session(of: graph) }
    }

    /// Does something by the device or, where that has failed or fails now, by the CPU.
    func attempt<Value>(
        _ body: (any Session) throws(NetworkError) -> Value
    ) throws(NetworkError) -> Value {
        if let cpu = try replacement() { return try body(cpu) }
        do throws(NetworkError) {
            return try body(device)
        } catch {
            guard case .device = error else { throw error }
            return try body(replaced(.failed(error)))
        }
    }

    /// The CPU's session, where it took over.
    private func replacement() throws(NetworkError) -> (any Session)? {
        if let cpu { return cpu }
        guard let program = guarded.replacement else { return nil }
        cpu = program.session(threads: threads)
        return cpu
    }

    func replaced(_ reason: CUDA.Replacement) throws(NetworkError) -> any Session {
        _ = try guarded.replace(reason)
        return try replacement()!
    }

    func run(_ images: [[Float]], recording: Recording) throws(NetworkError) -> any Run {
        let run = try attempt { session throws(NetworkError) in try session.run(images, recording: recording) }
        guard guarded.replacement == nil else { return run }
        guard guarded.takesTrial() else { return GuardedRun(run, images, self) }
        do throws(NetworkError) {
            let difference = try Trial(run, images[0], guarded.graph, threads).difference()
            // What is no number differs, too.
            if difference <= GuardedProgram.tolerance { return GuardedRun(run, images, self) }
            return try replaced(.differs(difference)).run(images, recording: recording)
        } catch {
            guard case .device = error else { throw error }
            return try replaced(.failed(error)).run(images, recording: recording)
        }
    }

    func usefulImages(_ recording: Recording) throws(NetworkError) -> Int {
        try attempt { session throws(NetworkError) in try session.usefulImages(recording) }
    }

    func check(_ recording: Recording, images: Int, streams: Bool, runs: Int) throws(NetworkError) {
        let session = try replacement() ?? device
        try session.check(recording, images: images, streams: streams, runs: runs)
    }

    func scores<Kept>(_ batch: Batch, keeping keep: ([Float]) -> Kept) throws(NetworkError) -> [Kept] {
        try attempt { session throws(NetworkError) in try session.scores(batch, keeping: keep) }
    }
}

/// A run on the device, which the CPU runs again where the device fails later.
final class GuardedRun: Run {
    let recording: Recording
    let scores: [[Float]]
    private var run: any Run
    private let images: [[Float]]
    private let session: GuardedSession

    init(_ run: any Run, _ images: [[Float]], _ session: GuardedSession) {
        (recording, scores) = (run.recording, run.scores)
        (self.run, self.images, self.session) = (run, images, session)
    }

    private func attempt<Value>(_ body: (any Run) throws(NetworkError) -> Value) throws(NetworkError) -> Value {
        do throws(NetworkError) {
            return try body(run)
        } catch {
            guard case .device = error else { throw error }
            run = try session.replaced(.failed(error)).run(images, recording: recording)
            return try body(run)
        }
    }

    func value(_ id: ValueID, image: Int) throws(NetworkError) -> Tensor {
        try attempt { run throws(NetworkError) in try run.value(id, image: image) }
    }

    func gradients(
        _ cotangents: [[Float]], of images: Range<Int>, at values: [ValueID], rule: RectifierRule
    ) throws(NetworkError) -> [[Tensor]] {
        try attempt { run throws(NetworkError) in try run.gradients(cotangents, of: images, at: values, rule: rule) }
    }

    func scores<Kept>(
        replacing value: ValueID, image: Int, count: Int, keeping keep: ([Float]) -> Kept,
        _ write: @Sendable (Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(NetworkError) -> [Kept] {
        try attempt { run throws(NetworkError) in
            try run.scores(replacing: value, image: image, count: count, keeping: keep, write)
        }
    }

    func resumed(replacing value: ValueID, image: Int, by numbers: [Float]) throws(NetworkError) -> any Run {
        try attempt { run throws(NetworkError) in try run.resumed(replacing: value, image: image, by: numbers) }
    }
}
