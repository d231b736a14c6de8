import Network
import Synchronization

/// A network on a device whose answers are looked at: each kind of work is compared with the CPU's when it is first
/// done, again for passes of other sizes and other layers; where the two differ, or the device fails, the CPU goes on,
/// from the beginning of whatever is being computed. Nothing leaves it that the device computed before that kind of work
/// was compared, but for what rounding decides, and what is zero: of that comparisons say nothing, and after some no more
/// are made.
package final class GuardedProgram: Program {
    package let graph: Graph
    let device: any Program
    private let options: LoadOptions
    private let trust: Trust
    private let form: NetworkForm
    /// The CPU's program, where it was needed.
    private let cpu = Mutex<(any Program)?>(nil)

    package var precision: Precision { isReplaced ? precisionOfCPU : device.precision }
    package var kernelName: String { isReplaced ? CPU.kernels : device.kernelName }

    /// - Parameter tell: is called once, where the CPU takes over, and once before that, where the device has no memory
    ///   for some of the work; of all networks on the device.
    package convenience init(
        _ device: any Program, _ options: LoadOptions, telling tell: @escaping @Sendable (CUDA.Replacement) -> Void
    ) {
        self.init(device, options, Trust(telling: tell))
    }

    private init(_ device: any Program, _ options: LoadOptions, _ trust: Trust) {
        (graph, self.device, self.options, self.trust) = (device.graph, device, options, trust)
        form = NetworkForm(graph)
    }

    package func session(threads: Int) -> any Session { GuardedSession(self, threads: threads) }

    /// The program of the same network for inputs of another size on the same device: what is found of one holds for
    /// both, and a comparison speaks for both where their sizes are much alike.
    func other(_ program: any Program) -> GuardedProgram { GuardedProgram(program, options, trust) }

    /// Whether the CPU took over.
    var isReplaced: Bool { trust.isLost }

    /// As what is told of the device, or more precise.
    private var precisionOfCPU: Precision { device.precision.among(CPU.precisions) }

    /// The CPU's program.
    func onCPU() throws(NetworkError) -> any Program {
        try cpu.locked { cpu throws(NetworkError) -> any Program in
            if let cpu { return cpu }
            var options = options
            options.precision = precisionOfCPU
            let program = try CPU.load(graph, options)
            cpu = program
            return program
        }
    }

    /// The CPU's program of another network, for a few images.
    func onCPU(_ graph: Graph) throws(NetworkError) -> any Program {
        var options = options
        (options.precision, options.expectedImages) = (precisionOfCPU, 1)
        return try CPU.load(graph, options)
    }

    /// The CPU takes over, if it has not.
    func replace(_ reason: CUDA.Replacement) throws(NetworkError) {
        _ = try onCPU()
        trust.lose(reason)
    }

    /// What the device does; nil where it is the CPU that has to.
    ///
    /// - Parameter isLeft: whether what there is no memory for is left to the CPU, rather than told.
    func byDevice<Value>(
        leaving isLeft: () -> Bool = { true }, _ body: () throws(NetworkError) -> Value
    ) throws(NetworkError) -> Value? {
        guard !isReplaced else { return nil }
        do throws(NetworkError) {
            let value = try body()
            // Others may have found meanwhile that the device is not to be trusted.
            return isReplaced ? nil : value
        } catch {
            guard case .device = error, !error.isShortage || isLeft() else { throw error }
            // One of memory leaves what was to be done to the CPU, another one all.
            if error.isShortage { trust.fallShort(error) } else { try replace(.failed(error)) }
            return nil
        }
    }

    /// A session of the CPU's to compare with, in float32, by all threads: those who would use them wait.
    func reference() throws(NetworkError) -> any Session { try onCPU().session(threads: options.threads) }

    /// Has one caller compare work, if none was that speaks for it, while others that come to it wait. Where it differs,
    /// or the device fails, the CPU takes over.
    ///
    /// - Parameter difference: of the device's numbers from the CPU's; tells of what it says something.
    func settle(
        _ works: Set<Work>, _ difference: (_ told: inout Set<Work>) throws(NetworkError) -> Difference
    ) throws(NetworkError) {
        try trust.compared.locked { all throws(NetworkError) -> Void in
            var findings = all[form, default: Findings()], told: Set<Work> = []
            guard !findings.compared.isSuperset(of: works), !isReplaced else { return }
            if let reason = try fault({ () throws(NetworkError) in try difference(&told) }) {
                return try replace(reason)
            }
            findings.add(told, of: works)
            all[form] = findings
        }
    }

    private func fault(
        _ difference: () throws(NetworkError) -> Difference
    ) throws(NetworkError) -> CUDA.Replacement? {
        do throws(NetworkError) {
            return try difference().excess(in: device.precision).map { .differs($0) }
        } catch {
            if case .memory(let shortage) = error {
                throw .memory(shortage.adding(", with which the numbers of \(CUDA.title) are compared,"))
            }
            guard case .device = error, !error.isShortage else { throw error }
            return .failed(error)
        }
    }
}

/// Whether a device computes, for all networks on it.
private final class Trust: Sendable {
    /// What was compared; held while something is compared, so that others wait for what comes out.
    let compared = Mutex<[NetworkForm: Findings]>([:])
    private let state = Mutex((isShort: false, isLost: false))
    private let tell: @Sendable (CUDA.Replacement) -> Void

    init(telling tell: @escaping @Sendable (CUDA.Replacement) -> Void) { self.tell = tell }

    var isLost: Bool { state.withLock { $0.isLost } }

    /// The CPU computes from now on.
    func lose(_ reason: CUDA.Replacement) {
        let isNew = state.withLock { state -> Bool in
            defer { state.isLost = true }
            return !state.isLost
        }
        if isNew { tell(reason) }
    }

    /// The CPU computes something.
    func fallShort(_ fault: NetworkError) {
        let isNew = state.withLock { state -> Bool in
            defer { state.isShort = true }
            return !state.isShort && !state.isLost
        }
        if isNew { tell(.short(fault)) }
    }
}

extension Mutex {
    /// `withLock` of what throws.
    func locked<Result: Sendable>(
        _ body: (inout Value) throws(NetworkError) -> Result
    ) throws(NetworkError) -> Result where Value: Sendable {
        let result = withLock { value in
            Swift.Result { () throws(NetworkError) -> Result in try body(&value) }
        }
        return try result.get()
    }
}
