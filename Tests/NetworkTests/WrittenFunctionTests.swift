import ONNX
import Testing
import TestSupport

@testable import Network

/// Functions that files write out as several nodes: one step, or a part of the step before, with the numbers and
/// gradients of the nodes.
struct WrittenFunctionTests {
    struct Writing: CustomTestStringConvertible, Sendable {
        /// Of the operator that is the same.
        let opType: String
        /// "y = Operator a b", with constants as numbers.
        let lines: [String]
        /// Whether a rectifier is among the nodes, which a gradient passes by itself.
        var hasRectifier = false
        var testDescription: String { lines.joined(separator: "; ") }
    }

    static let writings = [
        // PyTorch's exporters, by either order of operands.
        Writing(
            opType: "Gelu", lines: ["a = Div x 1.4142135", "b = Erf a", "c = Add b 1", "d = Mul x c", "y = Mul d 0.5"]),
        Writing(
            opType: "Gelu",
            lines: ["a = Mul 0.70710677 x", "b = Erf a", "c = Add 1 b", "d = Mul 0.5 x", "y = Mul d c"]),
        // Half first, or the bracket halved.
        Writing(
            opType: "Gelu",
            lines: ["h = Mul x 0.5", "a = Div x 1.4142135", "b = Erf a", "c = Add b 1", "y = Mul h c"]),
        Writing(
            opType: "Gelu",
            lines: ["a = Div x 1.4142135", "b = Erf a", "c = Add b 1", "d = Mul c 0.5", "y = Mul x d"]),
        Writing(
            opType: "Gelu",
            lines: ["a = Div x 1.4142135", "b = Erf a", "c = Add b 1", "d = Mul x c", "y = Div d 2"]),
        // By tanh, with a power or products.
        Writing(
            opType: "Gelu",
            lines: [
                "h = Mul x 0.5", "p = Pow x 3", "q = Mul p 0.044715", "r = Add x q", "s = Mul r 0.7978846",
                "t = Tanh s",
                "u = Add t 1", "y = Mul h u",
            ]),
        Writing(
            opType: "Gelu",
            lines: [
                "k = Mul x x", "n = Mul k 0.035677407", "o = Add 0.7978846 n", "s = Mul x o", "t = Tanh s",
                "u = Add 1 t", "g = Mul 0.5 u", "y = Mul x g",
            ]),
        Writing(opType: "Swish", lines: ["s = Sigmoid x", "y = Mul x s"]),
        Writing(opType: "Swish", lines: ["a = Mul x 1.702", "s = Sigmoid a", "y = Mul s x"]),
        Writing(opType: "Mish", lines: ["s = Softplus x", "t = Tanh s", "y = Mul x t"]),
        Writing(opType: "HardSwish", lines: ["s = HardSigmoid x", "y = Mul x s"]),
        Writing(
            opType: "HardSwish", lines: ["a = Add x 3", "c = Clip a 0 6", "d = Mul x c", "y = Div d 6"],
            hasRectifier: true),
        Writing(
            opType: "HardSwish", lines: ["a = Add x 3", "c = Clip a 0 6", "d = Div c 6", "y = Mul d x"],
            hasRectifier: true),
        Writing(
            opType: "HardSigmoid", lines: ["a = Add x 3", "c = Clip a 0 6", "y = Mul c 0.16666667"], hasRectifier: true),
    ]

    /// Where bfloat16 is multiplied, a difference in the last digit may become one in its own.
    private static let most: Float = CPU.precision == .float32 ? 1e-5 : 1e-4

    /// photo -> convolution or matrix product x -> lines -> y -> convolution -> means, the scores.
    private static func graph(_ lines: [String], multiplies: Bool = false) throws -> Graph {
        var constants = [
            try TensorDef(name: "w", dims: [4, 3, 1, 1], floats: (0..<12).map { Float($0 % 5) - 2 }),
            try TensorDef(name: "v", dims: [5, 4, 3, 3], floats: (0..<180).map { Float($0 % 7) / 3 - 1 }),
            try TensorDef(name: "m", dims: [9, 9], floats: (0..<81).map { Float($0 % 11) / 4 - 1 }),
        ]
        var nodes = [NodeDef(name: "first", opType: "Conv", inputs: ["photo", "w"], outputs: [multiplies ? "f" : "x"])]
        if multiplies { nodes.append(NodeDef(name: "product", opType: "MatMul", inputs: ["f", "m"], outputs: ["x"])) }
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            for word in words[3...] {
                guard let number = Float(word), !constants.contains(where: { $0.name == word }) else { continue }
                constants.append(try TensorDef(name: word, dims: [], floats: [number]))
            }
            nodes.append(
                NodeDef(
                    name: words[0], opType: words[2], inputs: Array(words[3...]), outputs: [words[0]],
                    attributes: words[2] == "HardSigmoid" ? ["alpha": .float(1.0 / 6)] : [:]))
        }
        nodes += [
            NodeDef(name: "second", opType: "Conv", inputs: ["y", "v"], outputs: ["z"]),
            NodeDef(name: "mean", opType: "GlobalAveragePool", inputs: ["z"], outputs: ["means"]),
            NodeDef(name: "flat", opType: "Flatten", inputs: ["means"], outputs: ["scores"]),
        ]
        let photo = ValueInfo(name: "photo", elementType: .float32, shape: [1, 3, 9, 9].map { .fixed($0) })
        let scores = ValueInfo(name: "scores", elementType: .float32, shape: [.fixed(1), .fixed(5)])
        let model = Model(
            graph: GraphDef(nodes: nodes, initializers: constants, inputs: [photo], outputs: [scores]),
            opsets: ["": 20])
        return try Graph(model, image: ImageInput(model), width: 9, height: 9)
    }

    private static func steps(
        _ graph: Graph, kept: Set<ValueID> = [], gradients: Set<ValueID> = []
    ) throws -> [String] {
        try CPUProgram(graph).plan(
            PlanRequest(images: 1, kept: kept, gradientAt: gradients, sources: [graph.input]), threads: 1
        ).steps.map(\.opType)
    }

    private static func value(_ name: String, _ graph: Graph) -> ValueID {
        graph.values.firstIndex { $0.name == name }!
    }

    private static let photos = (0..<3).map { _ in (0..<3 * 81).map { _ in Float.random(in: -1...1) } }

    @Test(arguments: writings, [false, true])
    func isPartOfTheStepBefore(_ writing: Writing, multiplies: Bool) throws {
        let graph = try Self.graph(writing.lines, multiplies: multiplies)
        let parts = Set(graph.values.indices)
        let steps = try Self.steps(graph).filter { !["Reorder", "Flatten"].contains($0) }
        #expect(steps == ["Conv"] + (multiplies ? ["MatMul"] : []) + ["Conv", "GlobalAveragePool"])
        let (fused, apart) = (try graph.run(Self.photos, threads: 2), try graph.run(Self.photos, values: parts))
        for (some, other) in zip(fused.scores, apart.scores) { #expect(maxDifference(some, other) < Self.most) }
        // Every image has the numbers that it has alone.
        let session = CPUProgram(graph).session(threads: 2)
        for (image, scores) in try session.run(Self.photos, recording: Recording()).scores.enumerated() {
            #expect(try graph.run([Self.photos[image]]).scores[0] == scores)
        }
    }

    @Test(arguments: writings)
    func isOneStepThatAGradientPasses(_ writing: Writing) throws {
        let graph = try Self.graph(writing.lines)
        let (x, parts) = (Self.value("x", graph), Set(graph.values.indices))
        let wanted: Set<ValueID> = [graph.input, x]
        let steps = try Self.steps(graph, gradients: wanted)
        #expect(steps.contains(writing.opType) == !writing.hasRectifier)
        let fused = try graph.run(Self.photos, gradients: wanted, threads: 2)
        let apart = try graph.run(Self.photos, values: parts, gradients: wanted)
        let cotangents = Self.photos.map { _ in (0..<5).map { _ in Float.random(in: -1...1) } }
        for rule in [RectifierRule.plain, .guided, .deconvnet] {
            let one = try fused.gradients(cotangents, of: 0..<3, at: [graph.input, x], rule: rule)
            let other = try apart.gradients(cotangents, of: 0..<3, at: [graph.input, x], rule: rule)
            for (a, b) in zip(one.joined(), other.joined()) { #expect(maxDifference(a.values, b.values) < Self.most) }
        }
        // What a gradient passes has the numbers that it has without.
        if !writing.hasRectifier { #expect(try graph.run(Self.photos).scores == fused.scores) }
    }

    @Test(arguments: writings)
    func whatIsKeptIsNotSwallowed(_ writing: Writing) throws {
        let graph = try Self.graph(writing.lines)
        let apart = try graph.run(Self.photos, values: Set(graph.values.indices))
        for id in graph.values.indices {
            let run = try graph.run(Self.photos, values: [id])
            for image in 0..<3 {
                #expect(
                    try maxDifference(run.value(id, image: image).values, apart.value(id, image: image).values)
                        < Self.most)
                #expect(maxDifference(run.scores[image], apart.scores[image]) < Self.most)
            }
        }
    }

    /// Other numbers than the function's, another reader of what lies between, and another operand.
    @Test(arguments: [
        ["a = Div x 1.4", "b = Erf a", "c = Add b 1", "d = Mul x c", "y = Mul d 0.5"],
        ["a = Div x 1.4142135", "b = Erf a", "c = Add b 1", "d = Mul x c", "e = Mul d 0.5", "y = Add e b"],
        ["a = Div x 1.4142135", "b = Erf a", "c = Add b 2", "d = Mul x c", "y = Mul d 0.5"],
        ["a = Add x 3", "c = Clip a 0 5", "d = Mul x c", "y = Div d 6"],
        ["z0 = Neg x", "s = Sigmoid z0", "t = Exp x", "y = Mul t s"],
    ])
    func whatIsAnotherFunctionStays(_ lines: [String]) throws {
        let graph = try Self.graph(lines)
        #expect(try Set(Self.steps(graph)).isDisjoint(with: Self.writings.map(\.opType)))
        let (some, apart) = (try graph.run(Self.photos), try graph.run(Self.photos, values: Set(graph.values.indices)))
        for (a, b) in zip(some.scores, apart.scores) { #expect(maxDifference(a, b) < Self.most) }
    }
}
