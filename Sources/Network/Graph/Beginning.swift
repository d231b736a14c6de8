/// What a network does to its pixels before anything mixes them: the affine function of every input channel, found by
/// running the first nodes on pictures that are 0 everywhere, or 1 in one channel. Of arrays of other channels than
/// pictures have, and of signals, which have no range of their own, only the size is found.
struct Beginning {
    /// y = scale * x + shift of one input channel, the mean over its places (a mean image differs from pixel to pixel).
    struct Affine {
        var scale, shift: Double
        /// The x that becomes 0, and the difference in x that becomes 1.
        var mean: Double { -shift / scale }
        var deviation: Double { 1 / abs(scale) }
    }

    /// Of each value with arithmetic after it that a layer reads, one function a channel of the input.
    private(set) var functions: [[Affine]] = []
    /// The running mean and deviation of every channel, of each batch normalisation that reads the pixels as they are.
    private(set) var statistics: [[(mean: Double, deviation: Double)]] = []
    /// Whether a layer reads the pixels as they are.
    private(set) var isReadPlain = false
    /// The size that the pixels are resized to, whatever theirs is.
    private(set) var resized: (width: Int, height: Int)?

    /// A value for each picture: that of 0, then those of 1 in a channel.
    private typealias Probes = [FloatStorage]
    private let graph: Graph
    private let pictures: Int
    private var probes: [ValueID: Probes] = [:]
    /// How many nodes are still to read a value.
    private var readers: [ValueID: Int] = [:]

    /// Nodes that normalise are few, and hardly enlarge a picture.
    private static let mostNodes = 64, mostGrowth = 4
    private static let purpose: Wording = "finding out what pixels the network wants"

    /// - Throws: where there is no memory for the pictures.
    init(_ graph: Graph) throws(MemoryShortage) {
        self.graph = graph
        let channels = graph.inputShape[1]
        pictures = !graph.image.isSignal && [1, 3].contains(channels) ? channels + 1 : 1
        let first = graph.consumers[graph.input].map { graph.nodes[$0] }
        // Pictures are made only where something waits for them.
        guard first.contains(where: { passes($0) || $0.op is BatchNormalization }) else { return }
        let shape = graph.inputShape, area = shape[2] * shape[3]
        probes[graph.input] = try (0..<pictures).map { picture throws(MemoryShortage) in
            try FloatStorage(
                count: shape.count, within: graph.limits.memory, for: Self.purpose
            ) { memory in
                for channel in 0..<shape[1] {
                    (memory + channel * area).update(repeating: channel == picture - 1 ? 1 : 0, count: area)
                }
            }
        }
        readers = Dictionary(uniqueKeysWithValues: graph.consumers.indices.map { ($0, graph.consumers[$0].count) })
        let onPath = graph.ancestors(of: graph.logits)
        var left = Self.mostNodes
        for node in graph.nodes {
            let read = node.operands.compactMap { $0?.value }.filter { probes[$0] != nil }
            guard let value = read.first else { continue }
            if node.outputs.contains(where: onPath.contains) {
                if left > 0, passes(node), try run(node) { left -= 1 } else { finish(node, reading: value) }
            }
            for id in read {
                readers[id]! -= 1
                if readers[id] == 0 { probes[id] = nil }
            }
            if probes.isEmpty { return }
        }
    }

    /// Whether each number that a node gives comes from one number of its operand (or from its neighbours, by a mean),
    /// scaled and shifted.
    private func passes(_ node: Graph.Node) -> Bool {
        guard node.op.outputShapes.allSatisfy({ $0.count <= Self.mostGrowth * graph.inputShape.count }) else {
            return false
        }
        let operands = node.operands.compactMap { $0 }
        let readsOne = operands.count { $0.value != nil } == 1
        switch node.op {
        case is Pad, is Resize, is Quantize: return true
        case is Add: return readsOne
        case let binary as Binary:
            return readsOne
                && (binary.kind == .sub || binary.kind == .mul || (binary.kind == .div && operands[0].value != nil))
        case let unary as Unary:
            return switch unary.function {
            case .cast, .neg, .round, .floor: true
            default: false
            }
        // Bounds of a picture's range; others are a rectifier's.
        case let clip as Relu where clip.isClip:
            return clip.activation.low < 0 || clip.activation.high > 20
                || (clip.activation.low, clip.activation.high) == (0, 1)
        case let conv as Conv: return conv.geometry.window.kernel == (1, 1)
        default: return node.op.movesNumbers
        }
    }

    /// Runs a node on every picture; false where it is a layer after all, or reads what is no picture's.
    private mutating func run(_ node: Graph.Node) throws(MemoryShortage) -> Bool {
        var results: [[FloatStorage]] = []
        for picture in 0..<pictures {
            var sources: [Graph.Source?] = []
            for source in node.operands {
                guard let id = source?.value else { sources.append(source); continue }
                guard let known = probes[id] else { return false }
                sources.append(.constant(graph.values[id].shape, known[picture]))
            }
            do throws(OperatorFault) {
                results.append(try node.op.evaluated(sources, within: graph.limits.memory, for: Self.purpose))
            } catch {
                if case .memory(let shortage) = error { throw shortage }
                return false
            }
        }
        for (index, output) in node.outputs.enumerated() {
            guard results.allSatisfy({ $0.indices.contains(index) }) else { return false }
            probes[output] = results.map { $0[index] }
        }
        // A 1x1 convolution that mixes channels is a layer.
        if node.op is Conv, node.outputs.contains(where: { function(of: $0) == nil }) {
            for output in node.outputs { probes[output] = nil }
            return false
        }
        // Sizes are the fourth operand; scales make any size of any other.
        if node.op is Resize, node.operands.count == 4, let form = graph.maps[node.outputs[0]] {
            resized = (form.width, form.height)
        }
        return true
    }

    /// Takes what a value that a layer reads has become of the pixels.
    private mutating func finish(_ node: Graph.Node, reading value: ValueID) {
        guard let found = function(of: value) else { return }
        // A quantiser's rounding is no arithmetic.
        if found.contains(where: { abs($0.scale - 1) > 0.02 || abs($0.shift) > 0.02 }) {
            functions.append(found)
        } else if node.op is BatchNormalization, node.operands.count > 4,
            case .constant(_, let means)? = node.operands[3], case .constant(_, let variances)? = node.operands[4],
            means.count == variances.count
        {
            statistics.append(zip(means.values, variances.values).map { (Double($0), Double($1).squareRoot()) })
        } else {
            isReadPlain = true
        }
    }

    /// One function an input channel; nil where a number depends on several channels, or a channel is not there, and
    /// where none is looked for.
    private func function(of value: ValueID) -> [Affine]? {
        guard pictures > 1, let known = probes[value] else { return nil }
        let channels = known.count - 1
        var sums = [Affine](repeating: Affine(scale: 0, shift: 0), count: channels),
            counts = [Double](repeating: 0, count: channels)
        let isApart = withExtendedLifetime(known) {
            let (zero, ones) = (known[0].base, known.dropFirst().map(\.base))
            for place in 0..<known[0].count {
                var source: Int?
                for channel in 0..<channels where ones[channel][place] != zero[place] {
                    guard source == nil else { return false }
                    source = channel
                }
                guard let source else { continue }
                sums[source].scale += Double(ones[source][place]) - Double(zero[place])
                sums[source].shift += Double(zero[place])
                counts[source] += 1
            }
            return true
        }
        guard isApart, counts.allSatisfy({ $0 > 0 }) else { return nil }
        return zip(sums, counts).map { Affine(scale: $0.scale / $1, shift: $0.shift / $1) }
    }
}
