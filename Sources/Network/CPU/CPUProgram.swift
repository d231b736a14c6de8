import CKernels
import Synchronization

/// The processor.
public enum CPU: Device {
    public static let name = "cpu"

    /// Why the kernels that the environment asks for do not run; nil where they do, or it asks for none.
    package static var kernelsFault: String? { gradcam_kernels_fault().map { String(cString: $0) } }

    public static func load(_ graph: Graph, _ options: LoadOptions) throws(NetworkError) -> any Program {
        if let wanted = options.precision, !precisions.contains(wanted) { throw .noPrecision(wanted) }
        for node in graph.nodes { _ = try node.onCPU }
        return CPUProgram(graph, options)
    }
}

/// A network on the processor: kernels with their packed weights, shared by all sessions and plans, in whatever thread
/// they run.
public final class CPUProgram: Program {
    /// A node's kernels, by what is fused with it, and the weights that they share.
    private struct Kernels {
        struct Key: Hashable {
            let written: UnaryFunction?
            let epilogue: Epilogue
        }

        let shared = SharedWeights()
        var made: [Key: any Kernel] = [:]
    }

    public let graph: Graph
    let options: LoadOptions
    public let precision: Precision
    public var kernelName: String { CPU.kernels }
    /// For the weights.
    private let threads: Threads
    /// Values that no product lies before.
    private let early: Set<ValueID>
    private let kernels = Mutex<[Int: Kernels]>([:])
    /// Floats that a stream's pass may take beyond those of one image, so that all sessions have room.
    let spare = Atomic(Int.max)

    /// Prepares nothing yet: weights are packed by the first pass that needs them.
    ///
    /// - Precondition: the processor has the precision that is asked for (`CPU.precisions`).
    public init(_ graph: Graph, _ options: LoadOptions = .init()) {
        (self.graph, self.options, threads) = (graph, options, Threads(count: options.threads))
        early = graph.nodes.reduce(into: [graph.input]) { early, node in
            guard !(node.op is Conv || node.op is ConvTranspose || node.op is MatrixProduct),
                node.operands.allSatisfy({ $0?.value.map(early.contains) ?? true })
            else {
                return
            }
            early.formUnion(node.outputs)
        }
        // Where numbers are rounded to integers, small differences become steps.
        let isQuantised = graph.nodes.contains { $0.op is Quantize }
        precision = options.precision ?? (isQuantised ? .float32 : CPU.precision)
    }

    public func session(threads: Int) -> any Session { CPUSession(self, threads: max(1, threads)) }

    func plan(_ request: PlanRequest, threads: Int) throws(NetworkError) -> Plan {
        try graph.plan(request, threads: threads, kernel: kernel)
    }

    private func preparation(_ step: FusedStep) -> Preparation {
        // Errors of what reads the photo pass through the whole network, and it takes few of the multiplications.
        let isFirst = graph.nodes[step.nodes[0]].operands.first??.value.map(early.contains) ?? false
        // Transforms would multiply the errors of bf16 by three.
        return Preparation(
            expectedImages: options.expectedImages, transforms: options.transforms && precision != .bf16,
            precision: isFirst ? .float32 : precision, threads: threads)
    }

    private func kernel(_ step: FusedStep, _ op: any CPUOperator) -> any Kernel {
        kernels.withLock { kernels in
            var own = kernels[step.nodes[0]] ?? Kernels()
            let key = Kernels.Key(written: step.written?.function, epilogue: step.epilogue)
            if let kernel = own.made[key] { return kernel }
            let kernel = op.kernel(
                KernelSite(epilogue: step.epilogue, preparation: preparation(step), shared: own.shared))
            own.made[key] = kernel
            kernels[step.nodes[0]] = own
            return kernel
        }
    }
}
