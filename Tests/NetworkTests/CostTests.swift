import ONNX
import Testing
import TestSupport

@testable import Network

/// What a file's nodes cost to read and to run: time grows as the file does, and memory is counted.
struct CostTests {
    private static let map = [1, 4, 8, 8]

    /// A graph of an input `x` and four scores: the mean of `y`, which the nodes give.
    private func graph(_ nodes: [NodeDef]) throws -> Graph {
        let pool = [
            NodeDef(name: "mean", opType: "GlobalAveragePool", inputs: ["y"], outputs: ["m"]),
            NodeDef(name: "flat", opType: "Flatten", inputs: ["m"], outputs: ["scores"]),
        ]
        let first = NodeDef(name: "conv", opType: "Conv", inputs: ["photo", "w"], outputs: ["x"])
        let weights = try TensorDef(name: "w", dims: [4, 3, 1, 1], floats: (0..<12).map { Float($0 % 5) - 2 })
        let photo = ValueInfo(name: "photo", elementType: .float32, shape: [1, 3, 8, 8].map { .fixed($0) })
        let scores = ValueInfo(name: "scores", elementType: .float32, shape: [.fixed(1), .fixed(4)])
        let model = Model(
            graph: GraphDef(
                nodes: [first] + nodes + pool, initializers: [weights], inputs: [photo], outputs: [scores]),
            opsets: ["": 17])
        return try Graph(model, image: ImageInput(model), width: 8, height: 8)
    }

    /// Why nodes that read `x` are refused; nil where they are not. A limit counts what other tests hold, too.
    private func fault(
        _ nodes: [NodeDef], memory: Int? = nil, constants: [TensorDef] = []
    ) throws -> NetworkError? {
        var limits = Limits()
        if let memory { limits.memory = MemoryLimit(bytes: memory) }
        var importer = Importer(Model(graph: GraphDef(), opsets: ["": 17]), limits: limits)
        importer.addInitializers(GraphDef(initializers: constants))
        _ = importer.define("x", try Shape(Self.map), producer: nil)
        importer.add(nodes, opset: 17)
        return importer.faults.first
    }

    /// A convolution's gradient of many times its values, added up.
    @Test(arguments: ["Sum", "Mean", "Concat"])
    func operandsCostTheSame(_ op: String) throws {
        let count = amount(10_000, debug: 500), clock = ContinuousClock(), start = clock.now
        var nodes = [NodeDef(name: "many", opType: op, inputs: [String](repeating: "x", count: count), outputs: ["y"])]
        if op == "Concat" { nodes[0].attributes["axis"] = .int(2) }
        let graph = try graph(nodes), image = (0..<graph.inputShape.count).map { Float($0 % 7) }
        let run = try graph.run([image], gradients: [graph.input])
        let gradient = try run.gradients([[1, 0, 0, 0]], at: [graph.input], rule: .plain)[0][0]
        let scale = Float(op == "Sum" ? count : 1) / 64
        #expect(abs(gradient.values[0] / scale + 2) < 1e-3, "the first weight")
        #expect(clock.now - start < .seconds(5))
    }

    /// Labels, letters all, end with the last operand that has them.
    @Test func equationsOfManyOperandsAreShort() throws {
        func einsum(_ count: Int, _ term: String = "abcd", to output: String = "abcd") -> NodeDef {
            NodeDef(
                name: "e", opType: "Einsum", inputs: [String](repeating: "x", count: count), outputs: ["y"],
                attributes: [
                    "equation": .string([String](repeating: term, count: count).joined(separator: ",") + "->" + output)
                ])
        }
        let start = ContinuousClock.now
        let many = amount(1024, debug: 64)
        #expect(try fault([einsum(many)]) == nil)
        #expect(try fault([einsum(many, to: "ab")]) == nil)
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect("\(try #require(try fault([einsum(1025)])))".contains("1025 operands are too many"))
        for label in ["1", "é", "_"] {
            #expect("\(try #require(try fault([einsum(1, "abc" + label)])))".contains("equation"), "\(label)")
        }
    }

    /// Nodes of sequences, each made of the one before.
    private func insertions(_ count: Int) -> [NodeDef] {
        let first = NodeDef(opType: "SequenceEmpty", outputs: ["s0"])
        return [first]
            + (0..<count).map {
                NodeDef(
                    name: "insert \($0)", opType: "SequenceInsert", inputs: ["s\($0)", "x"], outputs: ["s\($0 + 1)"])
            }
    }

    @Test func sequencesAreBoundedAndCounted() throws {
        let end = NodeDef(opType: "ConcatFromSequence", inputs: ["s64"], outputs: ["y"], attributes: ["axis": .int(1)])
        #expect(try graph(insertions(64) + [end]).classes == 256)
        let most = amount(4096, debug: 256)
        #expect(try fault(insertions(most)) == nil)
        let isShort = "\(try #require(try fault(insertions(most), memory: 500_000)))"
        #expect(isShort.contains("500 KB are allowed"), "\(isShort)")
        #if !DEBUG
        #expect("\(try #require(try fault(insertions(4097))))".contains("a sequence of 4097 tensors is too long"))
        #endif
        let many = NodeDef(
            name: "made", opType: "SequenceConstruct", inputs: [String](repeating: "x", count: 4097), outputs: ["s"])
        #expect("\(try #require(try fault([many])))".contains("node 'made'"))
    }

    /// A node takes memory, as do its operands and names, and those that it is rewritten into.
    @Test func nodesAreCounted() throws {
        func chain(_ count: Int, _ name: String = "n") -> [NodeDef] {
            (0..<count).map { NodeDef(name: name, opType: "Identity", inputs: ["x"], outputs: ["y\($0)"]) }
        }
        let wide = NodeDef(opType: "Max", inputs: [String](repeating: "x", count: 1000), outputs: ["y"])
        var limits = Limits()
        limits.memory = MemoryLimit(bytes: 1_000_000)
        for nodes in [chain(1000), chain(10, String(repeating: "n", count: 100_000)), [wide]] {
            #expect(try fault(nodes) == nil)
            #expect("\(try #require(try fault(nodes, memory: 1_000_000)))".contains("1.0 MB are allowed"))
        }
        for nodes in [chain(1000), chain(10, String(repeating: "n", count: 100_000))] {
            #expect {
                try limits.check(Model(graph: GraphDef(nodes: nodes), opsets: [:]))
            } throws: { "\($0)".contains("a network of \(nodes.count) nodes would take") }
        }
        #expect(throws: Never.self) { try Limits().check(Model(graph: GraphDef(nodes: chain(1000)), opsets: [:])) }
    }

    /// Tables that operators keep add up.
    @Test(arguments: ["Gather", "GatherElements", "Resize"])
    func tablesAreCounted(_ op: String) throws {
        let count = 1 << 12, dims = op == "GatherElements" ? [1, 4, 8, count / 32] : [count]
        let constants = [
            try TensorDef(name: "places", dims: dims, integers: [Int64](repeating: 1, count: count)),
            try TensorDef(name: "sizes", dims: [4], integers: [1, 4, 8, Int64(count)]),
        ]
        func nodes(_ count: Int) -> [NodeDef] {
            (0..<count).map {
                NodeDef(
                    name: "\($0)", opType: op, inputs: op == "Resize" ? ["x", "", "", "sizes"] : ["x", "places"],
                    outputs: ["y\($0)"],
                    attributes: op == "Resize" ? ["mode": .string("linear")] : ["axis": .int(3)])
            }
        }
        #expect(try fault(nodes(400), constants: constants) == nil)
        let shortage = "\(try #require(try fault(nodes(400), memory: 4_000_000, constants: constants)))"
        #expect(shortage.contains("4.0 MB are allowed"), "\(shortage)")
    }

    /// Of many images' scores those that are asked for are kept.
    @Test func whatIsKeptIsAsked() throws {
        let graph = try graph([NodeDef(opType: "Relu", inputs: ["x"], outputs: ["y"])])
        let session = CPUProgram(graph, LoadOptions(threads: 1, batch: 4)).session(threads: 1)
        let batch = Batch.written(7) { index, pixels in
            for i in pixels.indices { pixels[i] = Float((i + index) % 9) }
        }
        let rows = try session.scores(batch)
        #expect(try session.scores(batch) { $0[2] } == rows.map { $0[2] })
        #expect(Set(rows).count > 1)
    }
}
