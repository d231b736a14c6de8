import ONNX
import Testing

@testable import Network

/// A tensor's name changes nothing, be it one that others make of a node's, a function's or a branch's.
struct TensorNameTests {
    private static func node(
        _ type: String, _ inputs: [String], _ output: String, domain: String = "",
        _ attributes: [String: Attribute] = [:]
    ) -> NodeDef {
        NodeDef(name: "m", opType: type, domain: domain, inputs: inputs, outputs: [output], attributes: attributes)
    }

    /// y = -relu(-x), with a tensor `within` on the way, and an initializer `one`.
    private static func body(reading input: String, _ result: String) throws -> GraphDef {
        GraphDef(
            nodes: [
                node("Mul", [input, "one"], "product"), node("Neg", ["product"], "within"),
                node("Relu", ["within"], "relu"), node("Neg", ["relu"], result),
            ],
            initializers: [try TensorDef(name: "one", dims: [1], floats: [1])],
            outputs: [ValueInfo(name: result, elementType: .float32)])
    }

    /// The scores of a network in which what `node` makes of `row` is taken from a tensor of some name.
    private func scores(named name: String, _ node: NodeDef) throws -> [Float] {
        let function = FunctionDef(
            name: "F", domain: "local", inputs: ["x"], outputs: ["y"],
            nodes: [
                Self.node("Neg", ["x"], "inner"),
                Self.node(
                    "If", ["condition"], "branched",
                    ["then_branch": .graph(try Self.body(reading: "inner", "b")), "else_branch": .graph(GraphDef())]),
                Self.node("Neg", ["branched"], "y"),
                Self.node("Constant", [], "condition", ["value_int": .int(1)]),
            ])
        let nodes = [
            Self.node("GlobalAveragePool", ["photo"], "pool"), Self.node("Flatten", ["pool"], "row"),
            Self.node("Exp", ["row"], name), Self.node("Constant", [], "true", ["value_int": .int(1)]), node,
            Self.node("Sub", ["made", name], "scores"),
        ]
        let photo = ValueInfo(name: "photo", elementType: .float32, shape: [1, 3, 2, 2].map(Dimension.fixed))
        var model = Model(
            graph: GraphDef(
                nodes: nodes, inputs: [photo], outputs: [ValueInfo(name: "scores", elementType: .float32, shape: nil)]),
            opsets: ["": 17, "local": 1])
        model.functions = [function]
        let graph = try Graph(model, image: ImageInput(model), width: 2, height: 2)
        return try graph.run([(0..<12).map { Float($0 - 5) / 4 }]).scores[0]
    }

    @Test(arguments: [
        ("Max", ["m_0:0", "m_1:0"]), ("F", ["m/inner", "inner", "m/within", "within", "m/one", "one", "b"]),
        ("If", ["within", "one", "b"]),
    ])
    func changesNothing(_ type: String, _ names: [String]) throws {
        let node =
            switch type {
            case "Max": Self.node("Max", ["row", "row", "row", "row"], "made")
            case "F": Self.node("F", ["row"], "made", domain: "local")
            default:
                Self.node(
                    "If", ["true"], "made",
                    ["then_branch": .graph(try Self.body(reading: "row", "b")), "else_branch": .graph(GraphDef())])
            }
        let expected = try scores(named: "other", node)
        for name in names { #expect(try scores(named: name, node) == expected, "\(name)") }
    }

    /// The scores of a network in which functions give `made` from `row`.
    private func scores(_ call: NodeDef, _ functions: [FunctionDef]) throws -> [Float] {
        let photo = ValueInfo(name: "photo", elementType: .float32, shape: [1, 3, 2, 2].map(Dimension.fixed))
        var model = Model(
            graph: GraphDef(
                nodes: [
                    Self.node("GlobalAveragePool", ["photo"], "pool"), Self.node("Flatten", ["pool"], "row"),
                    Self.node("Constant", [], "true", ["value_int": .int(1)]), call,
                ], inputs: [photo], outputs: [ValueInfo(name: "made", elementType: .float32)]),
            opsets: ["": 17, "local": 1])
        model.functions = functions
        return try Graph(model, image: ImageInput(model), width: 2, height: 2)
            .run([(0..<12).map { Float($0 - 5) / 4 }]).scores[0]
    }

    /// A function whose result another one inside it gives: both have tensors of their own.
    @Test func functionsInOneAnotherKeepTheirs() throws {
        func run(_ name: String) throws -> [Float] {
            let inner = FunctionDef(
                name: "G", domain: "local", inputs: ["x", "z"], outputs: ["y"],
                nodes: [Self.node("Neg", ["x"], "t"), Self.node("Sub", ["t", "z"], "y")])
            let outer = FunctionDef(
                name: "F", domain: "local", inputs: ["x"], outputs: ["y"],
                nodes: [Self.node("Exp", ["x"], name), Self.node("G", ["x", name], "y", domain: "local")])
            return try scores(Self.node("F", ["row"], "made", domain: "local"), [inner, outer])
        }
        #expect(try run("m/t") == run("other"))
    }

    /// A branch that a function is given reads the tensors of who gives it.
    @Test func aBranchGivenToAFunctionReadsTheCallers() throws {
        let function = FunctionDef(
            name: "F", domain: "local", inputs: ["c", "x"], outputs: ["y"],
            nodes: [
                Self.node("Neg", ["x"], "row"),
                Self.node(
                    "If", ["c"], "y",
                    ["then_branch": .reference("graph"), "else_branch": .graph(try Self.body(reading: "row", "b"))]),
            ])
        let branch = GraphDef(
            nodes: [Self.node("Exp", ["row"], "e")], outputs: [ValueInfo(name: "e", elementType: .float32)])
        let call = Self.node("F", ["true", "row"], "made", domain: "local", ["graph": .graph(branch)])
        #expect(try scores(call, [function]) == scores(Self.node("Exp", ["row"], "made"), []))
    }

    @Test func whatACallLeavesOutIsLeftOutInside() throws {
        let function = FunctionDef(
            name: "F", domain: "local", inputs: ["x", "low", "high"], outputs: ["y"],
            nodes: [Self.node("Clip", ["x", "low", "high"], "y")])
        let call = Self.node("F", ["row"], "made", domain: "local")
        #expect(try scores(call, [function]) == scores(Self.node("Clip", ["row"], "made"), []))
    }

    @Test func aSparseTensorThatIsReadIsRefusedByName() throws {
        var branch = GraphDef(
            nodes: [Self.node("Mul", ["row", "w"], "e")], outputs: [ValueInfo(name: "e", elementType: .float32)])
        branch.sparseInitializers = ["w"]
        let call = Self.node("If", ["true"], "made", ["then_branch": .graph(branch), "else_branch": .graph(branch)])
        let error = #expect(throws: NetworkError.self) { try scores(call, []) }
        #expect("\(try #require(error))".hasPrefix("tensor 'w': it is a sparse tensor"))
    }

    @Test func aNameWithNULIsRefused() {
        #expect(throws: NetworkError.self) { try scores(named: "a\0b", Self.node("Neg", ["row"], "made")) }
    }
}
