import ONNX
import TestSupport
import Testing

@testable import Network

/// Values that are read in the memory of others. A value that is kept is a copy in memory of its own, so that a run
/// which keeps all has the numbers to compare with.
struct ViewTests {
    /// A network of nodes that are written down one by one, from a photo [1, 3, 6, 8] to five scores.
    private struct Writer {
        var nodes: [NodeDef] = [], constants: [TensorDef] = []
        var (last, dims) = ("photo", [1, 3, 6, 8])

        mutating func add(
            _ op: String, _ others: [String] = [], _ attributes: [String: Attribute] = [:], dims: [Int]
        ) {
            let output = "v\(nodes.count)"
            nodes.append(
                NodeDef(name: output, opType: op, inputs: [last] + others, outputs: [output], attributes: attributes))
            (last, self.dims) = (output, dims)
        }

        mutating func constant(_ dims: [Int], _ values: [Float]) throws -> String {
            let name = "c\(constants.count)"
            constants.append(try TensorDef(name: name, dims: dims, floats: values))
            return name
        }

        mutating func integers(_ values: [Int]) throws -> String {
            let name = "c\(constants.count)"
            constants.append(try TensorDef(name: name, dims: [values.count], integers: values.map { Int64($0) }))
            return name
        }

        /// - Parameter size: of the photo's channels, height and width.
        func graph(_ size: [Int] = [3, 6, 8]) throws -> Graph {
            var all = self
            let count = dims.reduce(1, *)
            all.add("Flatten", [], ["axis": .int(0)], dims: [1, count])
            let weights = try all.constant([count, 5], ViewTests.numbers(5 * count, seed: 3))
            all.add("MatMul", [weights], dims: [1, 5])
            let photo = ValueInfo(name: "photo", elementType: .float32, shape: ([1] + size).map { .fixed($0) })
            let scores = ValueInfo(name: all.last, elementType: .float32, shape: [1, 5].map { .fixed($0) })
            let model = Model(
                graph: GraphDef(
                    nodes: all.nodes, initializers: all.constants, inputs: [photo], outputs: [scores]),
                opsets: ["": 13])
            return try Graph(model, image: ImageInput(model), width: size[2], height: size[1])
        }
    }

    private static func numbers(_ count: Int, seed: Int) -> [Float] {
        (0..<count).map { (i: Int) -> Float in
            let residue: Int = ((i + seed) * 7919) % 1013
            return Float(residue) / 506 - 1
        }
    }

    /// Scores and gradients at the input, of images together and alone, are the same whatever is kept.
    private func check(_ graph: Graph, _ what: Comment) throws {
        let kept = Set(graph.values.indices.filter { graph.values[$0].producer != nil })
        let images = (0..<3).map { Self.numbers(graph.inputShape.count, seed: 11 * $0) }
        let cotangents = (0..<3).map { Self.numbers(5, seed: 40 + $0) }
        let session = CPUProgram(graph).session(threads: 2)
        for gradients in [[], [graph.input]] as [Set<ValueID>] {
            let copied = try session.run(images, recording: Recording(values: kept, gradients: gradients))
            let viewed = try session.run(images, recording: Recording(gradients: gradients))
            #expect(viewed.scores == copied.scores, what)
            if !gradients.isEmpty {
                let (a, b) = (
                    try viewed.gradients(cotangents, at: [graph.input], rule: .plain),
                    try copied.gradients(cotangents, at: [graph.input], rule: .plain)
                )
                // Where several readers' gradients meet, they are summed up in another order.
                for (a, b) in zip(a, b) {
                    let largest = b[0].values.map(abs).max()!
                    #expect(maxDifference(a[0].values, b[0].values) <= 1e-5 * largest, what)
                }
            }
            let alone = try session.run([images[1]], recording: Recording(gradients: gradients))
            #expect(alone.scores[0] == copied.scores[1], what)
        }
        // Of values that are views, too.
        for value in kept.intersection(graph.ancestors(of: graph.logits)) where value != graph.logits {
            let viewed = try session.run([images[0]], recording: Recording(gradients: [value]))
            let recorded = try session.run([images[0]], recording: Recording(gradients: [value], resumable: [value]))
            let resumed = try recorded.resumed(
                replacing: value, image: 0, by: recorded.value(value, image: 0).values)
            let (a, b) = (
                try viewed.gradients([cotangents[0]], at: [value], rule: .plain)[0][0].values,
                try resumed.gradients([cotangents[0]], at: [value], rule: .plain)[0][0].values
            )
            #expect(maxDifference(a, b) <= 1e-5 * (b.map(abs).max() ?? 0), "\(what): \(graph.values[value].name)")
        }
        let together = try graph.run(images, threads: 2), copied = try graph.run(images, values: kept, threads: 2)
        #expect(together.scores == copied.scores, what)
    }

    @Test(arguments: 0..<amount(150, debug: 20)) func moveAnything(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed))
        var network = Writer()
        for _ in 0..<Int.random(in: 3...9, using: &random) { try step(&network, &random) }
        try check(try network.graph(), "\(seed): \(network.nodes.map(\.opType))")
    }

    /// One more node.
    private func step(_ network: inout Writer, _ random: inout SplitMix) throws {
        let dims = network.dims, axis = dims.indices.randomElement(using: &random) ?? 0
        func with(_ extent: Int) -> [Int] { dims.enumerated().map { $0.offset == axis ? extent : $0.element } }
        switch Int.random(in: 0..<11, using: &random) {
        case 0, 1, 2:
            let order = Array(dims.indices).shuffled(using: &random)
            network.add("Transpose", [], ["perm": .ints(order.map { Int64($0) })], dims: order.map { dims[$0] })
        case 3, 4:
            // Axes are merged and cut anywhere.
            var rest = dims.reduce(1, *), next: [Int] = []
            while rest > 1, next.count < 5 {
                let factor = (1...rest).filter { rest % $0 == 0 }.randomElement(using: &random)!
                next.append(factor)
                rest /= factor
            }
            next.append(rest)
            network.add("Reshape", [try network.integers(next)], dims: next)
        case 5:
            let first = Int.random(in: 0..<dims[axis], using: &random)
            if Bool.random(using: &random) {
                let inputs = try [[first], [dims[axis]], [axis], [1]].map { try network.integers($0) }
                network.add("Slice", inputs, dims: with(dims[axis] - first))
            } else {
                let inputs = try [[first], [-dims[axis] - 1], [axis], [-1]].map { try network.integers($0) }
                network.add("Slice", inputs, dims: with(first + 1))
            }
        case 6:
            let index = Int.random(in: 0..<dims[axis], using: &random)
            network.add(
                "Gather", [try network.integers([index])], ["axis": .int(Int64(axis))], dims: with(1))
        case 7:
            let (before, after) = (Int.random(in: -1...1, using: &random), Int.random(in: 0...1, using: &random))
            guard dims[axis] + before + after > 0 else { return }
            let pads = dims.indices.map { $0 == axis ? before : 0 } + dims.indices.map { $0 == axis ? after : 0 }
            network.add("Pad", [try network.integers(pads)], dims: with(dims[axis] + before + after))
        case 8:
            let factor = try network.constant([], [1.5])
            network.add("Mul", [factor], dims: dims)
        case 9:
            let twice = network.last
            network.add("Mul", [twice], dims: dims)
        default:
            let part = network.last, all = network.last
            guard dims[axis] > 1, dims.reduce(1, *) < 1000 else { return }
            network.add(
                "Slice", try [[1], [dims[axis]], [axis], [1]].map { try network.integers($0) },
                dims: with(dims[axis] - 1))
            let later = network.last
            network.last = part
            network.add(
                "Concat", [later, all], ["axis": .int(Int64(axis))], dims: with(3 * dims[axis] - 1))
        }
    }

    /// Queries, keys and values of several heads in one matrix, as most networks have them.
    @Test(arguments: [true, false]) func attendsWithinOneMatrix(gathers: Bool) throws {
        let (tokens, heads, depth) = (20, 4, 8)
        var network = Writer()
        (network.last, network.dims) = ("photo", [1, 3, tokens, heads * depth])
        network.add("Reshape", [try network.integers([3, tokens, heads * depth])], dims: [3, tokens, heads * depth])
        network.add("Transpose", [], ["perm": .ints([1, 0, 2])], dims: [tokens, 3, heads * depth])
        let split = [tokens, 3, heads, depth]
        network.add("Reshape", [try network.integers(split)], dims: split)
        network.add("Transpose", [], ["perm": .ints([1, 2, 0, 3])], dims: [3, heads, tokens, depth])
        let all = network.last
        var parts: [String] = []
        if gathers {
            for part in 0..<3 {
                network.last = all
                let index = "i\(part)"
                network.constants.append(try TensorDef(name: index, dims: [], integers: [Int64(part)]))
                network.add("Gather", [index], ["axis": .int(0)], dims: [heads, tokens, depth])
                parts.append(network.last)
            }
        } else {
            parts = ["q", "k", "v"]
            network.nodes.append(
                NodeDef(name: "split", opType: "Split", inputs: [all], outputs: parts, attributes: ["axis": .int(0)]))
        }
        let rank = gathers ? 3 : 4, lead = gathers ? [] : [1]
        let turned = Array(0..<rank - 2) + [rank - 1, rank - 2]
        network.last = parts[1]
        network.add("Transpose", [], ["perm": .ints(turned.map { Int64($0) })], dims: lead + [heads, depth, tokens])
        let keys = network.last
        network.last = parts[0]
        network.add("MatMul", [keys], dims: lead + [heads, tokens, tokens])
        network.add("Softmax", [], ["axis": .int(-1)], dims: network.dims)
        network.add("MatMul", [parts[2]], dims: lead + [heads, tokens, depth])
        network.add(
            "Transpose", [], ["perm": .ints((gathers ? [1, 0, 2] : [0, 2, 1, 3]))], dims: lead + [tokens, heads, depth])
        try check(try network.graph([3, tokens, heads * depth]), "heads")
    }

    /// Rows of a map that is kept channels last lie in one piece in an image, and not in several.
    @Test(arguments: [1, 2, 3], ["ReduceMean", "ReduceL2", "ReduceMax", "Softmax", "GlobalAveragePool"])
    func addsInTheSameOrderWhetherImagesAreSeveral(axis: Int, _ op: String) throws {
        var network = Writer()
        let filters = try network.constant([40, 3, 1, 1], Self.numbers(120, seed: 5))
        network.add("Conv", [filters], dims: [1, 40, 13, 9])
        var dims = network.dims
        dims[axis] -= 2
        network.add("Slice", try [[2], [dims[axis] + 2], [axis], [1]].map { try network.integers($0) }, dims: dims)
        switch op {
        case "Softmax": network.add(op, [], ["axis": .int(1)], dims: dims)
        case "GlobalAveragePool": network.add(op, dims: [1, dims[1], 1, 1])
        default: network.add(op, [], ["axes": .ints([2, 3])], dims: [1, dims[1], 1, 1])
        }
        let graph = try network.graph([3, 13, 9]), session = CPUProgram(graph).session(threads: 2)
        let images = (0..<5).map { Self.numbers(graph.inputShape.count, seed: 31 * $0) }
        let together = try session.run(images, recording: Recording()).scores
        for (image, scores) in zip(images, together) {
            #expect(try session.run([image], recording: Recording()).scores[0] == scores)
        }
    }

    @Test func changesNoShapeThatHasNoStrides() throws {
        let (wide, tall) = (try Shape([2, 3, 4]), try Shape([6, 4]))
        let whole = MemoryView(strides: wide.strides)
        #expect(whole.reshaped(from: wide, to: tall) == MemoryView(strides: [4, 1]))
        let turned = MemoryView(start: 5, strides: [1, 8, 2])
        #expect(turned.reshaped(from: wide, to: tall) == nil)
        #expect(
            turned.reshaped(from: wide, to: try Shape([2, 1, 3, 2, 2]))
                == MemoryView(start: 5, strides: [1, 0, 8, 4, 2]))
        // Axes 3 and 4 lie evenly spaced though the first does not.
        let spaced = MemoryView(strides: [100, 8, 2])
        #expect(spaced.reshaped(from: wide, to: try Shape([2, 12])) == MemoryView(strides: [100, 2]))
        #expect(spaced.reshaped(from: wide, to: try Shape([24])) == nil)
    }
}
