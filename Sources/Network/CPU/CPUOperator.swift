import Synchronization

/// What the CPU does with an operator: the layouts it wants and the kernel that computes it.
protocol CPUOperator: Operator {
    /// The layouts it wants its operands in and gives its outputs in, where `arriving` is how they come (nil: a
    /// constant).
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout])

    /// The CPU's way to compute it, made once and run many times.
    func kernel(_ site: KernelSite) -> any Kernel
}

extension CPUOperator {
    /// Takes the operands in the first operand's layout where that is a map and the outputs are maps too.
    func layouts(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        let layout = arriving.compactMap { $0 }.first ?? .plain
        return (arriving.map { _ in layout }, outputShapes.map { _ in layout })
    }
}

extension CPUOperator where Self: Kernel {
    func kernel(_ site: KernelSite) -> any Kernel { self }
}

extension Operator {
    /// The CPU's part of it; nil where the CPU cannot compute it.
    var onCPU: (any CPUOperator)? { self as? any CPUOperator }
}

extension Graph.Node {
    var onCPU: any CPUOperator {
        get throws(NetworkError) {
            guard let op = op.onCPU else { throw .noKernel(node: name, operator: opType, device: "CPU") }
            return op
        }
    }
}

/// Layout rules that operators share.
enum LayoutRule {
    static func channelsLast(_ arriving: [Layout?]) -> (operands: [Layout], outputs: [Layout]) {
        (arriving.map { _ in .channelsLast }, [.channelsLast])
    }

    static func plain(_ arriving: [Layout?], outputs: Int = 1) -> (operands: [Layout], outputs: [Layout]) {
        (arriving.map { _ in .plain }, [Layout](repeating: .plain, count: outputs))
    }

    /// Operands are read through strides, so each may come as it is where it has the output's rank or is a constant.
    static func broadcasting(_ arriving: [Layout?], _ output: Shape) -> (operands: [Layout], outputs: [Layout]) {
        let layout =
            arriving.compactMap { $0 }.contains(.channelsLast) && output.rank == 4 ? Layout.channelsLast : .plain
        return (arriving.map { $0 ?? .plain }, [layout])
    }
}

/// What a kernel is made for.
struct KernelSite {
    var epilogue = Epilogue()
    var preparation = Preparation()
    /// What all kernels of the node share.
    var shared = SharedWeights()
}

/// How weights are prepared.
struct Preparation {
    /// How many images the session expects to run: what is prepared must pay for itself.
    var expectedImages = 1
    /// Whether convolutions may be computed by transforms.
    var transforms = true
    /// Of products with packed weights.
    var precision = Precision.float32
    /// Threads to prepare with.
    var threads = Threads(count: 1)

    /// Whether packed weights are used often enough to be kept: the memory for them costs as much as packing them
    /// twice.
    var packsInAdvance: Bool { expectedImages > 2 }
}

/// A node's prepared weights, one for all of its kernels, whatever is fused after them.
final class SharedWeights: Sendable {
    private let ready = Mutex<(any AnyObject & Sendable)?>(nil)

    /// Those of the node, made when they are first asked for.
    func weights<Weights: AnyObject & Sendable>(_ make: () -> Weights) -> Weights {
        ready.withLock { ready in
            if let weights = ready as? Weights { return weights }
            let weights = make()
            ready = weights
            return weights
        }
    }
}

/// An operator after which an epilogue can be fused.
protocol EpilogueFusible: CPUOperator {
    /// `layouts` where this is fused after it.
    func layouts(_ arriving: [Layout?], with epilogue: Epilogue) -> (operands: [Layout], outputs: [Layout])
}

extension EpilogueFusible {
    func layouts(_ arriving: [Layout?], with epilogue: Epilogue) -> (operands: [Layout], outputs: [Layout]) {
        layouts(arriving)
    }
}
