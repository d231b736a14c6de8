import CCUDA
import Network
import Synchronization

/// An NVIDIA GPU, through the driver, cuBLAS, NVRTC and, where it is there, cuDNN, which are opened as the program runs.
///
/// Values lie in its memory as ONNX has them, [images][an image's shape], in float32; products are of float32, too.
public enum CUDA: Device {
    public static let name = "cuda"
    /// As messages name it.
    static let title = "CUDA"

    public static func load(_ graph: Graph, _ options: LoadOptions) throws(NetworkError) -> any Program {
        try load(graph, options, on: try first())
    }

    /// Takes a network in on a card.
    package static func load(
        _ graph: Graph, _ options: LoadOptions, on card: Card
    ) throws(NetworkError) -> CUDAProgram {
        if let wanted = options.precision, wanted != .float32 { throw .noPrecision(wanted) }
        for (index, node) in graph.nodes.enumerated() {
            let isFlat = node.operands.indices.allSatisfy {
                graph.shape(ofOperand: $0, of: index).rank + 1 < Int(GRADCAM_AXES)
            }
            guard isFlat, let op = node.op as? any CUDAOperator, op.runs(on: card) else {
                throw .noKernel(node: node.name, operator: node.opType, device: title)
            }
        }
        return CUDAProgram(graph, options, on: card)
    }

    /// The same with the CPU behind it: the first run is compared with the CPU's, and where they differ, or the card
    /// fails, the CPU goes on.
    ///
    /// - Parameter tell: is called once, where the CPU takes over.
    public static func guarded(
        _ graph: Graph, _ options: LoadOptions, telling tell: @escaping @Sendable (Replacement) -> Void
    ) throws(NetworkError) -> any Program {
        GuardedProgram(try load(graph, options), options, telling: tell)
    }

    /// Why the CPU took over.
    public enum Replacement: Sendable {
        case failed(NetworkError)
        /// Scores or maps that differ by so much of the largest.
        case differs(Float)
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
