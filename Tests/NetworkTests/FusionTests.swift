import ONNX
import Testing
import TestSupport

@testable import Network

/// What follows a product in the same step: numbers and gradients are those of the nodes one by one.
struct FusionTests {
    private static func numbers(_ count: Int) -> [Float] { (0..<count).map { Float($0 * 7 % 11) / 5 - 1 } }

    /// photo (1 x 3 x 6 x 5) -> convolution x, 4 channels -> nodes -> y -> means, the scores.
    private static func graph(_ nodes: [NodeDef]) throws -> Graph {
        let constants = [
            try TensorDef(name: "w", dims: [4, 3, 1, 1], floats: numbers(12)),
            try TensorDef(name: "m", dims: [4, 4], floats: numbers(16)),
            try TensorDef(name: "bias", dims: [4], floats: [1, -1, 0.5, 0.25]),
            try TensorDef(name: "scales", dims: [4, 1, 1], floats: [0.5, -2, 1.5, 0]),
            try TensorDef(name: "gain", dims: [4], floats: [0.5, -2, 1.5, 3]),
            try TensorDef(name: "number", dims: [1], floats: [3]),
            try TensorDef(name: "strong", dims: [4, 4, 1, 1], floats: numbers(16).map { $0 * 1e30 }),
            try TensorDef(name: "weak", dims: [4, 4, 1, 1], floats: numbers(16).map { $0 * 1e-36 }),
            try TensorDef(name: "huge", dims: [1], floats: [1e25]),
            try TensorDef(name: "tiny", dims: [1], floats: [1e-25]),
            try TensorDef(name: "small", dims: [1], floats: [1e-20]),
            try TensorDef(name: "large", dims: [1], floats: [1e15]),
            try TensorDef(name: "least", dims: [1], floats: [.leastNormalMagnitude / 8]),
            try TensorDef(name: "thousandth", dims: [1], floats: [1e-3]),
            try TensorDef(name: "column", dims: [5], floats: numbers(5)),
            try TensorDef(name: "of rows", dims: [6], floats: numbers(6)),
            try TensorDef(name: "last", dims: [1], integers: [3]),
        ]
        let ends = [
            NodeDef(name: "mean", opType: "GlobalAveragePool", inputs: ["y"], outputs: ["means"]),
            NodeDef(name: "flat", opType: "Flatten", inputs: ["means"], outputs: ["scores"]),
        ]
        let first = NodeDef(name: "first", opType: "Conv", inputs: ["photo", "w"], outputs: ["x"])
        let photo = ValueInfo(name: "photo", elementType: .float32, shape: [1, 3, 6, 5].map { .fixed($0) })
        let scores = ValueInfo(name: "scores", elementType: .float32, shape: [.fixed(1), .fixed(4)])
        let model = Model(
            graph: GraphDef(nodes: [first] + nodes + ends, initializers: constants, inputs: [photo], outputs: [scores]),
            opsets: ["": 20])
        return try Graph(model, image: ImageInput(model), width: 5, height: 6)
    }

    private static func node(
        _ opType: String, _ inputs: [String], _ output: String, _ attributes: [String: Attribute] = [:]
    ) -> NodeDef {
        NodeDef(name: output, opType: opType, inputs: inputs, outputs: [output], attributes: attributes)
    }

    private static let toRows = node("Transpose", ["x"], "rows", ["perm": .ints([0, 2, 3, 1])])
    private static func toMap(_ rows: String) -> NodeDef {
        node("Transpose", [rows], "map", ["perm": .ints([0, 3, 1, 2])])
    }

    /// Nodes, and the steps that run but for changes of layout.
    static let cases: [(nodes: [NodeDef], steps: [String])] = [
        // A block of ConvNeXt: the scale of its layer, in the map's layout, and what goes around.
        (
            [
                toRows, node("MatMul", ["rows", "m"], "p"), node("Add", ["p", "bias"], "q"), toMap("q"),
                node("Mul", ["scales", "map"], "scaled"), node("Add", ["scaled", "x"], "y"),
            ], ["Conv", "MatMul", "GlobalAveragePool"]
        ),
        // The scale before the map is made.
        (
            [
                toRows, node("MatMul", ["rows", "m"], "p"), node("Add", ["p", "bias"], "q"),
                node("Mul", ["q", "gain"], "scaled"), node("Add", ["scaled", "rows"], "sum"), toMap("sum"),
                node("Relu", ["map"], "y"),
            ], ["Conv", "MatMul", "Relu", "GlobalAveragePool"]
        ),
        // A transposition that ends the step, and a function after one.
        (
            [toRows, node("MatMul", ["rows", "m"], "p"), toMap("p"), node("Softmax", ["map"], "y")],
            ["Conv", "MatMul", "Softmax", "GlobalAveragePool"]
        ),
        (
            [toRows, node("MatMul", ["rows", "m"], "p"), toMap("p"), node("Relu", ["map"], "y")],
            ["Conv", "MatMul", "GlobalAveragePool"]
        ),
        // One number for all, and constants after a convolution.
        (
            [
                node("Mul", ["x", "scales"], "a"), node("Div", ["a", "number"], "b"),
                node("Add", ["b", "scales"], "y"),
            ],
            ["Conv", "GlobalAveragePool"]
        ),
        // A product by a vector: the constants are of its rows, not of its only column.
        (
            [
                node("MatMul", ["x", "column"], "p"), node("Add", ["p", "of rows"], "q"),
                node("Unsqueeze", ["q", "last"], "y"),
            ],
            ["Conv", "MatMul", "Add", "GlobalAveragePool"]
        ),
        // Constants that float32 holds as one, and some that it does not.
        (
            [
                node("Mul", ["x", "huge"], "a"), node("Mul", ["a", "tiny"], "b"), node("Mul", ["b", "tiny"], "c"),
                node("Mul", ["c", "huge"], "y"),
            ], ["Conv", "GlobalAveragePool"]
        ),
        (
            [
                node("Conv", ["x", "strong"], "a"), node("Mul", ["a", "tiny"], "b"), node("Mul", ["b", "small"], "c"),
                node("Mul", ["c", "large"], "y"),
            ], ["Conv", "Conv", "Mul", "Mul", "GlobalAveragePool"]
        ),
        (
            [
                node("Conv", ["x", "weak"], "a"), node("Div", ["a", "least"], "b"),
                node("Mul", ["b", "thousandth"], "y"),
            ],
            ["Conv", "Conv", "Div", "Mul", "GlobalAveragePool"]
        ),
        // No constant.
        ([node("Mul", ["x", "x"], "y")], ["Conv", "Mul", "GlobalAveragePool"]),
    ]

    @Test(arguments: cases.indices)
    func numbersAreThoseOfTheNodes(_ index: Int) throws {
        let graph = try Self.graph(Self.cases[index].nodes)
        let steps = try CPUProgram(graph).plan(PlanRequest(images: 1, sources: [graph.input]), threads: 1).steps
        #expect(steps.map(\.opType).filter { !["Reorder", "Flatten"].contains($0) } == Self.cases[index].steps)
        let photos = (0..<3).map { _ in (0..<90).map { _ in Float.random(in: -1...1) } }
        let x = graph.values.firstIndex { $0.name == "x" }!
        let (wanted, all) = ([graph.input, x], Set(graph.values.indices))
        let fused = try graph.run(photos, gradients: Set(wanted), threads: 2)
        let apart = try graph.run(photos, values: all, gradients: Set(wanted))
        for (a, b) in zip(fused.scores, apart.scores) { #expect(maxDifference(a, b) < 2e-5) }
        for (a, b) in zip(try graph.run(photos).scores, apart.scores) { #expect(maxDifference(a, b) < 2e-5) }
        let cotangents = photos.map { _ in (0..<4).map { _ in Float.random(in: -1...1) } }
        for rule in [RectifierRule.plain, .guided] {
            let one = try fused.gradients(cotangents, of: 0..<3, at: wanted, rule: rule)
            let other = try apart.gradients(cotangents, of: 0..<3, at: wanted, rule: rule)
            for (a, b) in zip(one.joined(), other.joined()) { #expect(maxDifference(a.values, b.values) < 2e-5) }
        }
        let session = CPUProgram(graph).session(threads: 2)
        for (image, scores) in try session.run(photos, recording: Recording()).scores.enumerated() {
            #expect(try graph.run([photos[image]]).scores[0] == scores)
        }
    }
}
