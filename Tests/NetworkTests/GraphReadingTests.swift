import Foundation
import ONNX
import TestSupport
import Testing

@testable import Network

/// What is read of small networks: where weights are, what names and numbers of a file may hold, which output counts,
/// what its numbers are.
struct GraphReadingTests {
    private static func node(
        _ type: String, _ inputs: [String], _ output: String, _ attributes: [String: Attribute] = [:]
    ) -> NodeDef {
        NodeDef(name: output, opType: type, inputs: inputs, outputs: [output], attributes: attributes)
    }

    /// A file over photos of [batch, channels, 8, 8]: `conv` gives 4 channels of 4 x 4, `row` is their mean, and `nodes` come
    /// after it.
    private func model(
        _ nodes: [NodeDef], outputs: [String], batch: Int = 1, channels: Int = 3, kernel: String = "filters"
    ) throws -> Model {
        func floats(_ name: String, _ dims: [Int], _ values: [Float]? = nil) throws -> TensorDef {
            let count = dims.reduce(1, *)
            return try TensorDef(name: name, dims: dims, floats: values ?? (0..<count).map { Float($0 % 7) - 3 })
        }
        func ints(_ name: String, _ values: [Int64]) throws -> TensorDef {
            try TensorDef(name: name, dims: [values.count], integers: values)
        }
        let weights = [
            try floats("filters", [4, channels, 2, 2]), try floats("head", [4, 5]), try floats("ones", [1, 3, 2, 2]),
            try floats("half", [], [0.5]),
            try floats("minus", [], [-1]), try floats("zero", [], [0]), try floats("three", [], [3]),
            try floats("flat", [20]),
            try ints("first", [0]), try ints("last", [-1]), try ints("before", [.min]), try ints("3", [3]),
            try ints("1", [1]), try ints("2", [2]),
            try ints("[4,-1]", [4, -1]),
        ]
        let body = [
            Self.node("Conv", ["photo", kernel], "conv", ["strides": .ints([2, 2])]),
            Self.node("GlobalAveragePool", ["conv"], "pool"),
            Self.node("Flatten", ["pool"], "row"), Self.node("MatMul", ["row", "head"], "y"),
        ]
        let photo = ValueInfo(
            name: "photo", elementType: .float32, shape: [batch, channels, 8, 8].map(Dimension.fixed))
        return Model(
            graph: GraphDef(
                nodes: body + nodes, initializers: weights, inputs: [photo],
                outputs: outputs.map { ValueInfo(name: $0, elementType: .float32, shape: nil) }), opsets: ["": 17])
    }

    private func graph(
        _ nodes: [NodeDef], outputs: [String] = ["scores"], batch: Int = 1, channels: Int = 3
    ) throws -> Graph {
        let model = try model(nodes, outputs: outputs, batch: batch, channels: channels)
        return try Graph(model, image: ImageInput(model), width: 8, height: 8)
    }

    /// What is centred before it counts.
    private static let centring = [
        node("Sub", ["photo", "half"], "centred"), node("GlobalAveragePool", ["centred"], "means"),
        node("Flatten", ["means"], "more"), node("Concat", ["y", "more"], "scores", ["axis": .int(1)]),
    ]

    /// Arrays of many channels have no range of their own to be found by a picture a channel.
    @Test func arraysAreNotProbedByChannel() throws {
        var graph = try graph(Self.centring, channels: 4000)
        graph.limits.memory = MemoryLimit(bytes: 1 << 30)
        #expect(try graph.inputForm().range == nil)
    }

    @Test func pixelsAreNotGuessedWhereMemoryIsShort() throws {
        var graph = try graph(Self.centring)
        _ = try graph.inputForm()
        graph.limits.memory = MemoryLimit(bytes: 0)
        #expect(throws: MemoryShortage.self) { try graph.inputForm() }
    }

    @Test func whatLeadsToNoOutputIsLeftOut() {
        var importer = Importer(opset: 17)
        let size = Self.node("Constant", [], "size", ["value_ints": .ints([1 << 30])])
        let unread = Self.node("ConstantOfShape", ["size"], "unread")
        let alsoUnread = Self.node("Relu", ["unread"], "also unread")
        let read = Self.node("Constant", [], "read", ["value_float": .float(1)])
        importer.add([size, unread, alsoUnread, read], opset: 17, results: ["read"])
        #expect(Set(importer.tensors.keys) == ["read"])
    }

    // MARK: Numbers that cannot be counted with

    @Test(arguments: [[0, .max, 0, 0], [0, .min, 0, 0], [0, 0, 0, .max]] as [[Int64]])
    func padsThatNoTensorHas(_ pads: [Int64]) {
        #expect(throws: NetworkError.self) {
            try graph([
                Self.node("Constant", [], "pads", ["value_ints": .ints(pads)]),
                Self.node("Pad", ["y", "pads"], "scores"),
            ])
        }
    }

    // MARK: Weights

    @Test(arguments: [
        (node("MatMul", ["y", "flipped"], "scores"), false),
        (node("ConvTranspose", ["conv", "filters"], "scores"), true),
        (node("Gemm", ["row", "head"], "scores"), true), (node("Mul", ["y", "half"], "scores"), false),
    ])
    func productsWithConstantsHaveWeights(_ node: NodeDef, _ hasWeights: Bool) throws {
        var importer = Importer(try model([], outputs: []))
        let model = try model([Self.node("Transpose", ["y"], "flipped", ["perm": .ints([1, 0])]), node], outputs: [])
        importer.addInitializers(model.graph)
        _ = try importer.addInput(try ImageInput(model), width: 8, height: 8)
        importer.add(model.graph.nodes, opset: 17)
        #expect(importer.faults.isEmpty, "\(importer.faults)")
        #expect(try #require(importer.nodes.last).hasWeights == hasWeights)
    }

    // MARK: What a file may hold

    /// What rewritten nodes are made of is no operator of a file.
    @Test func operatorsOfRewrittenNodesAreRefused() throws {
        let nodes = [Self.node("Detach", ["y"], "scores")]
        let error = #expect(throws: NetworkError.self) { try graph(nodes) }
        #expect(
            "\(error!)" == "node 'scores' (Detach, opset 17): this operator is not supported; rewrite the network "
                + "without it, or report the file")
        #expect(try OperatorUse.all(in: model(nodes, outputs: [])).first { $0.name == "Detach" }?.isSupported == false)
    }

    /// The nodes that stand for a Hardmax of an old operator set are of a fixed one; its own axes are as the file has
    /// them.
    @Test func rewrittenNodesAreOfOneOperatorSet() throws {
        var importer = Importer(try model([], outputs: []))
        let flat = try TensorDef(name: "x", dims: [2, 3], floats: [1, 5, 2, 7, 0, 9])
        importer.addInitializers(GraphDef(initializers: [flat]))
        importer.add([Self.node("Hardmax", ["x"], "best", ["axis": .int(0)])], opset: 11)
        #expect(importer.faults.isEmpty, "\(importer.faults)")
        guard case .floats(_, let best)? = importer.tensors["best"] else { Issue.record("no constant"); return }
        #expect(best.values == [0, 0, 0, 0, 0, 1])
    }

    @Test func groupsWithoutEndAreRefused() throws {
        var model = try model([], outputs: ["y"])
        model.graph.nodes[0].attributes["group"] = .int(.max)
        #expect(throws: NetworkError.self) { try Graph(model, image: ImageInput(model), width: 8, height: 8) }
    }

    @Test(arguments: [
        "./Conv", "././x", "/./../Conv", "9223372036854775807/conv/Conv", "-9223372036854775808/Conv", "/", ".",
    ])
    func namesMayBeAnything(_ name: String) throws {
        var model = try model([], outputs: ["y"])
        model.graph.nodes[0].name = name
        let graph = try Graph(model, image: ImageInput(model), width: 8, height: 8)
        #expect(try graph.layer(named: name).value == graph.defaultLayer?.value)
        #expect(graph.layerNames.values.contains { !$0.isEmpty })
        for text in [
            "nothing", "[-1]", "[-9223372036854775808]", "[9223372036854775807]", "-9223372036854775808", "x[0]",
        ] {
            _ = try? graph.layer(named: text)
        }
    }

    @Test(arguments: [("pads", Int64.min), ("pads", .max), ("strides", .max), ("dilations", .max), ("strides", 0)])
    func windowsWithoutEndAreRefused(_ attribute: String, _ number: Int64) throws {
        var model = try model([], outputs: ["y"])
        model.graph.nodes[0].attributes[attribute] = .ints(
            [Int64](repeating: number, count: attribute == "pads" ? 4 : 2))
        #expect(throws: NetworkError.self) { try Graph(model, image: ImageInput(model), width: 8, height: 8) }
    }

    // MARK: Outputs

    /// Named like any output, or not at all; closed by a Softmax, or not.
    @Test(arguments: [
        (["output", "x"], [node("Relu", ["row"], "output"), node("Softmax", ["y"], "x")], "x"),
        (["x", "main"], [node("Softmax", ["y"], "x"), node("Relu", ["row"], "main")], "x"),
        (["x", "output"], [node("Tanh", ["row"], "x"), node("Identity", ["y"], "output")], "output"),
        (["x", "logits"], [node("Softmax", ["row"], "x"), node("Identity", ["y"], "logits")], "logits"),
        (
            ["output", "attention"], [node("Identity", ["y"], "output"), node("Softmax", ["row"], "attention")],
            "output"
        ),
        (["embedding", "output"], [node("Tanh", ["row"], "embedding"), node("Softmax", ["y"], "output")], "output"),
    ])
    func weakNamesWeighLess(_ outputs: [String], _ nodes: [NodeDef], _ right: String) throws {
        #expect(try graph(nodes, outputs: outputs).output.name == right)
    }

    @Test(arguments: ["bbox", "reg", "box_deltas", "coords"])
    func otherNumbersStayNumbers(_ name: String) throws {
        let model = try model([Self.node("Identity", ["y"], name)], outputs: ["y", name])
        let graph = try Graph(model, image: ImageInput(model), width: 8, height: 8, output: name)
        #expect(graph.probability == .output(graph.logits, isFraction: false))
        #expect(try Graph(model, image: ImageInput(model), width: 8, height: 8).output.name == "y")
    }

    // MARK: Dressed probabilities

    @Test(arguments: [
        [node("Neg", ["log"], "scores")], [node("Mul", ["log", "minus"], "scores")],
        [node("Sub", ["zero", "log"], "scores")],
        [node("Div", ["log", "minus"], "scores")],
        [node("Neg", ["log"], "a"), node("Neg", ["a"], "b"), node("Neg", ["b"], "scores")],
    ])
    func negatedLogarithmsAreProbabilities(_ nodes: [NodeDef]) throws {
        let graph = try graph([Self.node("LogSoftmax", ["y"], "log")] + nodes)
        #expect(graph.probability == .softmax && graph.values[graph.logits].name == "y")
    }

    /// -log of a mean of two: the classes' own numbers are what is in the logarithm.
    @Test func negatedLogarithmsOfMeans() throws {
        let graph = try graph([
            Self.node("Softmax", ["y"], "a"), Self.node("Mul", ["y", "three"], "y3"), Self.node("Softmax", ["y3"], "b"),
            Self.node("Add", ["a", "b"], "sum"),
            Self.node("Mul", ["sum", "half"], "mean"), Self.node("Log", ["mean"], "log"),
            Self.node("Neg", ["log"], "scores"),
        ])
        guard case .output(let stated, true) = graph.probability else { Issue.record("\(graph.probability)"); return }
        let photo = (0..<192).map { Float($0 % 11) / 11 }
        let run = try graph.run([photo], values: [stated])
        let logits = run.scores[0], said = try run.value(stated, image: 0).values
        #expect(
            logits.indices.allSatisfy { abs(expf(logits[$0]) - said[$0]) < 1e-5 } && abs(said.reduce(0, +) - 1) < 1e-5,
            "\(logits) \(said)")
    }

    @Test(
        arguments: [("three", 0.125, 3.375), ("half", 0.70710678, 1.2247449), ("zero", 1, 1)]
            as [(String, Float, Float)])
    func powersHaveBounds(_ exponent: String, _ low: Float, _ high: Float) throws {
        var importer = Importer(try model([], outputs: []))
        let model = try model(
            [
                Self.node("Sigmoid", ["y"], "s"), Self.node("Add", ["s", "half"], "a"),
                Self.node("Pow", ["a", exponent], "p"),
            ], outputs: [])
        importer.addInitializers(model.graph)
        _ = try importer.addInput(try ImageInput(model), width: 8, height: 8)
        importer.add(model.graph.nodes, opset: 17)
        guard case .value(let value, _)? = importer.tensors["p"] else { Issue.record("there is no power"); return }
        let reader = DressingReader(values: importer.values, nodes: importer.nodes)
        let (dressing, bounds) = (try #require(reader.dressing(of: value)), reader.bounds[value])
        #expect((dressing.logits == nil) == (exponent == "zero"))
        #expect(abs(bounds.low - low) < 1e-6 && abs(bounds.high - high) < 1e-6)
    }

    // MARK: Several pictures

    private static let mirror = node("Slice", ["photo", "last", "before", "3", "last"], "mirrored")

    /// The photo and its mirror in one batch, taken apart again after the convolution: one half's map would be of the
    /// mirror.
    @Test(arguments: [true, false])
    func joinedPicturesAreRefused(_ isSplit: Bool) throws {
        let nodes =
            [
                Self.mirror, Self.node("Concat", ["photo", "mirrored"], "both", ["axis": .int(0)]),
                Self.node("Conv", ["both", "filters"], "maps", ["strides": .ints([2, 2])]),
            ]
            + (isSplit
                ? [
                    NodeDef(
                        name: "split", opType: "Split", inputs: ["maps"], outputs: ["m1", "m2"],
                        attributes: ["axis": .int(0)]),
                    Self.node("Add", ["m1", "m2"], "sum"),
                ] : [Self.node("ReduceMean", ["maps"], "sum", ["axes": .ints([0])])]) + [
                Self.node("GlobalAveragePool", ["sum"], "p"), Self.node("Flatten", ["p"], "f"),
                Self.node("MatMul", ["f", "head"], "scores"),
            ]
        let error = #expect(throws: NetworkError.self) { try graph(nodes) }
        guard case .joinedPictures(node: "both")? = error else { Issue.record("\(String(describing: error))"); return }
    }

    /// Two networks side by side, of the photo and of its mirror: layers of the photo alone are maps, until the
    /// mirror's are turned back.
    @Test(arguments: [true, false])
    func mirrorImagesAreNoMaps(_ isTurnedBack: Bool) throws {
        func towards(_ name: String, _ photo: String) -> [NodeDef] {
            [
                Self.node("Conv", [photo, "filters"], name, ["strides": .ints([2, 2])]),
                Self.node("Relu", [name], name + " relu"),
            ]
        }
        let head = [
            Self.node("GlobalAveragePool", ["sum"], "p"), Self.node("Flatten", ["p"], "f"),
            Self.node("MatMul", ["f", "head"], "scores"),
        ]
        let back = Self.node("Slice", ["b relu", "last", "before", "3", "last"], "back")
        let graph = try graph(
            towards("a", "photo") + [Self.mirror] + towards("b", "mirrored") + (isTurnedBack ? [back] : [])
                + [Self.node("Add", ["a relu", isTurnedBack ? "back" : "b relu"], "sum")] + head)
        #expect(graph.defaultLayer?.name == (isTurnedBack ? "sum" : "a relu"))
        #expect(throws: NetworkError.self) { try graph.layer(named: "b relu") }
    }

    // MARK: Several photos

    /// The weights of a file for four photos are folded once, and a weight's own -1 is no photo.
    @Test func weightsAreFoldedOnce() throws {
        let model = try model(
            [Self.node("Reshape", ["flat", "[4,-1]"], "folded"), Self.node("MatMul", ["row", "folded"], "scores")],
            outputs: ["scores"], batch: 4)
        let image = try ImageInput(model)
        var one = Importer(model, batch: 4)
        one.addInitializers(model.graph)
        _ = try one.addInput(image, width: 8, height: 8)
        one.add(model.graph.nodes, opset: 17)
        let all = try Importer(model, whole: image, width: 8, height: 8, like: one)
        #expect(one.faults.isEmpty && all.faults.isEmpty)
        guard case .floats(let shape, let first)? = one.tensors["folded"],
            case .floats(_, let second)? = all.tensors["folded"]
        else {
            Issue.record("the weights are not folded")
            return
        }
        #expect(shape.dims == [4, 5] && first === second)
        #expect(all.tensors["scores"]?.shape.dims == [4, 5] && one.tensors["scores"]?.shape.dims == [1, 5])
        #expect(try graph(Array(model.graph.nodes.suffix(2)), batch: 4).classes == 5)
    }

    // MARK: Quantised networks

    /// Equal readers of the same whole numbers are one; others stay.
    @Test func numbersAreReadOnce() throws {
        var importer = Importer(opset: 17)
        func number(_ name: String, _ value: Float) throws -> TensorDef {
            try TensorDef(name: name, dims: [], floats: [value])
        }
        importer.addInitializers(GraphDef(initializers: [try number("s", 0.1), try number("t", 0.2)]))
        _ = importer.define("photo", try Shape([1, 3, 8, 8]), producer: nil)
        for (scale, output) in [("s", "a"), ("t", "b"), ("s", "c"), ("t", "d")] {
            importer.add([NodeDef(opType: "DequantizeLinear", inputs: ["photo", scale], outputs: [output])], opset: 17)
        }
        func value(_ name: String) -> ValueID? {
            if case .value(let id, _)? = importer.tensors[name] { id } else { nil }
        }
        #expect(
            importer.nodes.count == 2 && value("a") == value("c") && value("b") == value("d")
                && value("a") != value("b"))
    }

    /// 20,000 nodes, of which a quarter quantise and a quarter read whole numbers.
    @Test func longNetworksAreReadInASecond() throws {
        let length = amount(5000, debug: 300)
        var nodes: [NodeDef] = [], last = "conv"
        for index in 0..<length {
            nodes += [
                Self.node("Relu", [last], "r\(index)"), Self.node("Sigmoid", ["r\(index)"], "s\(index)"),
                Self.node("QuantizeLinear", ["s\(index)", "half"], "q\(index)"),
                Self.node("DequantizeLinear", ["q\(index)", "half"], "d\(index)"),
            ]
            last = "d\(index)"
        }
        nodes += [
            Self.node("GlobalAveragePool", [last], "p"), Self.node("Flatten", ["p"], "f"),
            Self.node("MatMul", ["f", "head"], "scores"),
        ]
        let start = ContinuousClock.now
        let graph = try graph(nodes)
        #expect(graph.defaultLayer?.name == "d\(length - 1)")
        // A tenth of that where the machine is free; with a walk over all nodes for each one it is many times as long.
        #expect(ContinuousClock.now - start < .seconds(6))
    }
}
