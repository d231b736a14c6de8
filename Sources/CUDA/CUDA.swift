import CCUDA
import Network
import Platform
import Synchronization

/// An NVIDIA GPU, through the driver, cuBLAS, NVRTC and, where it is there, cuDNN, which are opened as the program runs.
///
/// Values lie in its memory as ONNX has them, [images][an image's shape], in float32; products are of float32, too.
public enum CUDA: Device {
    public static let name = "cuda"
    /// As messages name it.
    static let title = "CUDA"
    /// Those that a card may have; TF32 from compute capability 8.0 on.
    public static let precisions: [Precision] = [.float32, .tf32]

    public static func load(_ graph: Graph, _ options: LoadOptions) throws(NetworkError) -> any Program {
        try load(graph, options, on: try first())
    }

    /// Takes a network in on a card.
    package static func load(
        _ graph: Graph, _ options: LoadOptions, on card: Card
    ) throws(NetworkError) -> CUDAProgram {
        if let wanted = options.precision, !card.precisions.contains(wanted) { throw .noPrecision(wanted) }
        if let fault = environmentFault(options.precision) { throw fault }
        for (index, node) in graph.nodes.enumerated() {
            let isFlat = node.operands.indices.allSatisfy {
                graph.shape(ofOperand: $0, of: index).rank + 1 <= Int(GRADCAM_AXES)
            }
            guard isFlat, let op = node.op as? any CUDAOperator, op.runs(on: card) else {
                throw .noKernel(node: node.name, operator: node.opType, device: title)
            }
        }
        return CUDAProgram(graph, options, on: card)
    }

    /// Why no card computes so in this environment, whatever the network; nil where it may.
    package static func environmentFault(_ precision: Precision?) -> NetworkError? {
        guard precision == .tf32, getenv("NVIDIA_TF32_OVERRIDE").map({ String(cString: $0) }) == "0" else { return nil }
        return .device(
            title, .missing,
            reason: "NVIDIA_TF32_OVERRIDE=0 in the environment switches TF32 off: unset it, or compute in float32 "
                + "(\(.precision))")
    }

    /// The same with the CPU behind it: each kind of work is compared with the CPU's when it is first done, and where
    /// they differ, or the card fails, the CPU goes on; it also does what the card has no memory for.
    ///
    /// - Parameter tell: is called once, where the CPU takes over, and once before that, where there is no memory for
    ///   some of the work.
    public static func guarded(
        _ graph: Graph, _ options: LoadOptions, telling tell: @escaping @Sendable (Replacement) -> Void
    ) throws(NetworkError) -> any Program {
        GuardedProgram(try load(graph, options), options, telling: tell)
    }

    /// Why the CPU took over.
    public enum Replacement: Sendable {
        case failed(NetworkError)
        case differs(Discrepancy)
        /// The card has no memory for some of the work; it goes on with the rest.
        case short(NetworkError)

        /// Whether the card goes on with other work.
        public var isOfSome: Bool { if case .short = self { true } else { false } }
    }

    /// By how much numbers differ from the CPU's; infinite where one of them is none.
    public enum Discrepancy: Sendable {
        /// Scores, recorded values, or maps: at the most, of the largest.
        case ofLargest(Float)
        /// Gradients: on the mean, of their mean size.
        case ofGradients(Float)
    }

    private static let opened = Mutex<Card?>(nil)

    /// The process's first card, opened when first asked for.
    ///
    /// - Throws: `.device`.
    package static func first() throws(NetworkError) -> Card {
        let found = opened.withLock { card -> Result<Card, NetworkError> in
            if let card { return .success(card) }
            do throws(NetworkError) {
                let own = try Card(Libraries())
                try own.prepare()
                card = own
                return .success(own)
            } catch {
                return .failure(error)
            }
        }
        return try found.get()
    }
}
