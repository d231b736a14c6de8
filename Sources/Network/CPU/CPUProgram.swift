import Synchronization

/// The processor.
public enum CPU: Device {
    public static let name = "cpu"

    public static func load(_ graph: Graph, _ options: LoadOptions) throws(NetworkError) -> any Program {
        CPUProgram(graph, options)
    }
}

/// A network on the processor: kernels with their packed weights, shared by all sessions and plans, in whatever thread they
/// run.
public final class CPUProgram: Program {
    private struct KernelKey: Hashable {
        let node: Int
        let epilogue: Epilogue
    }

    public let graph: Graph
    let options: LoadOptions
    private let kernels = Mutex<[KernelKey: any Kernel]>([:])

    /// Prepares nothing yet: weights are packed when a plan first needs them.
    public init(_ graph: Graph, _ options: LoadOptions = .init()) {
        _ = Gemm.singleThreaded
        (self.graph, self.options) = (graph, options)
    }

    public func session(threads: Int) -> any Session { CPUSession(self, threads: max(1, threads)) }

    func plan(_ request: PlanRequest, threads: Int) throws(NetworkError) -> Plan {
        try graph.plan(request, threads: threads, kernel: kernel)
    }

    private func kernel(_ step: FusedStep, _ op: any CPUOperator) -> any Kernel {
        let key = KernelKey(node: step.nodes[0], epilogue: step.epilogue)
        return kernels.withLock { kernels in
            if let kernel = kernels[key] { return kernel }
            let kernel = op.kernel(
                KernelSite(
                    epilogue: step.epilogue, expectedImages: options.expectedImages,
                    threads: Threads(count: options.threads)))
            kernels[key] = kernel
            return kernel
        }
    }
}
