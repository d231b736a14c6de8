/// What a network does to its pixels before anything mixes them: the affine function of every input channel, found by running the first
/// nodes on pictures that are 0 everywhere, or 1 in one channel.
struct Beginning {
    /// y = scale * x + shift of one input channel, the mean over its places (a mean image differs from pixel to pixel); nil where the
    /// channel is not read alone.
    struct Affine {
        var scale, shift: Double
        /// The x that becomes 0, and the difference in x that becomes 1.
        var mean: Double { -shift / scale }
        var deviation: Double { 1 / abs(scale) }
    }

    /// Of the first value with arithmetic behind it, one a channel of the input; empty where the pixels are read as they are.
    private(set) var channels: [Affine] = []
    /// The running statistics of a batch normalisation that reads the pixels as they are: their mean and deviation.
    private(set) var statistics: (mean: Double, deviation: Double)?
    /// The size of the map that the pixels are resized to.
    private(set) var resized: (width: Int, height: Int)?

    private typealias Probes = (zero: FloatStorage, ones: [FloatStorage])
    private let graph: Graph
    private var probes: [ValueID: Probes] = [:]

    init(_ graph: Graph) {
        self.graph = graph
        let shape = graph.inputShape, area = shape[2] * shape[3]
        func picture(_ channel: Int?) -> FloatStorage {
            FloatStorage((0..<shape.count).map { $0 / area == channel ? 1 : 0 })
        }
        let readers = graph.consumers[graph.input]
        // The pictures are made only where something waits for them.
        guard readers.contains(where: { passes(graph.nodes[$0]) || graph.nodes[$0].op is BatchNormalization }) else { return }
        probes[graph.input] = (picture(nil), (0..<shape[1]).map(picture))
        for node in graph.nodes {
            guard let value = node.operands.lazy.compactMap({ $0?.value }).first(where: { probes[$0] != nil }) else { continue }
            if passes(node) { run(node) } else { finish(node, reading: value) }
            if !channels.isEmpty { return }
        }
    }

    /// Whether each number that a node gives comes from one number of its operand (or from its neighbours, by a mean), scaled and shifted.
    private func passes(_ node: Graph.Node) -> Bool {
        let operands = node.operands.compactMap { $0 }
        let readsOne = operands.count { $0.value != nil } == 1
        switch node.op {
        case is Transpose, is Slice, is Split, is Gather, is Pad, is Resize, is Expand, is Quantize, is Concat: return true
        case is Add: return readsOne
        case let binary as Binary:
            return readsOne && (binary.kind == .Sub || binary.kind == .Mul || (binary.kind == .Div && operands[0].value != nil))
        case is Unary: return ["Cast", "Neg", "Round", "Floor"].contains(node.opType)
        case let clip as Relu: return clip.activation.low < 0 || clip.activation.high > 20 || (clip.activation.low, clip.activation.high) == (0, 1)
        case let conv as Conv: return conv.geometry.window.kernel == (1, 1)
        default: return node.op.isView
        }
    }

    private mutating func run(_ node: Graph.Node) {
        /// A node's outputs where its operand is one of the pictures.
        func outputs(_ picture: (Probes) -> FloatStorage) -> [FloatStorage]? {
            var sources: [Graph.Source?] = []
            for source in node.operands {
                guard let id = source?.value else { sources.append(source); continue }
                guard let known = probes[id] else { return nil }
                sources.append(.constant(graph.values[id].shape, picture(known)))
            }
            return Fold.run(node.op, sources).compactMap { if case .floats(_, let storage) = $0 { storage } else { nil } }
        }
        let count = graph.inputShape[1]
        guard let zero = outputs(\.zero) else { return }
        let ones = (0..<count).compactMap { channel in outputs { $0.ones[channel] } }
        guard ones.count == count else { return }
        for (index, output) in node.outputs.enumerated() where index < zero.count {
            probes[output] = (zero[index], ones.map { $0[index] })
            if node.op is Resize, let form = graph.maps[output] { resized = (form.width, form.height) }
        }
        // A 1x1 convolution that mixes channels is a layer.
        if node.op is Conv, node.outputs.contains(where: { channels(of: $0) == nil }) {
            for output in node.outputs { probes[output] = nil }
            node.operands.compactMap { $0?.value }.first.map { finish(node, reading: $0) }
        }
    }

    /// Takes what a value that is mixed next has become of the pixels.
    private mutating func finish(_ node: Graph.Node, reading value: ValueID) {
        guard let found = channels(of: value) else { return }
        // A quantiser's rounding is no arithmetic.
        if found.contains(where: { abs($0.scale - 1) > 0.02 || abs($0.shift) > 0.02 }) {
            channels = found
        } else if node.op is BatchNormalization, node.operands.count > 4,
            case .constant(_, let means)? = node.operands[3], case .constant(_, let variances)? = node.operands[4], means.count > 0
        {
            let count = Double(means.count)
            statistics = (
                means.values.reduce(0) { $0 + Double($1) } / count,
                (variances.values.reduce(0) { $0 + Double($1) } / count).squareRoot())
        }
    }

    /// One function an input channel; nil where a number depends on several channels, or on none that is there.
    private func channels(of value: ValueID) -> [Affine]? {
        guard let (zero, ones) = probes[value] else { return nil }
        var sums = [Affine](repeating: Affine(scale: 0, shift: 0), count: ones.count), counts = [Double](repeating: 0, count: ones.count)
        let (start, raised) = (zero.values, ones.map(\.values))
        for place in start.indices {
            var source: Int?
            for channel in ones.indices where raised[channel][place] != start[place] {
                guard source == nil else { return nil }
                source = channel
            }
            guard let source else { continue }
            sums[source].scale += Double(raised[source][place]) - Double(start[place])
            sums[source].shift += Double(start[place])
            counts[source] += 1
        }
        guard counts.allSatisfy({ $0 > 0 }) else { return nil }
        return zip(sums, counts).map { Affine(scale: $0.scale / $1, shift: $0.shift / $1) }
    }
}
