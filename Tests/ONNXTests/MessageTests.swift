import ONNX
import Testing
import TestSupport

@Suite struct MessageTests {
    let model: Model
    init() throws { model = try parse(sampleModel) }

    @Test func readsTheModel() {
        #expect(model.irVersion == 10 && model.producerName == "tool" && model.producerVersion == "1.2")
        #expect(model.opsets == ["": 21, "local": 1])
        #expect(model.metadata == ["labels": "[\"cat\",\"dog\"]", "preprocessing": "{}"])
        #expect(model.graph.name == "main" && model.graph.metadata == ["g": "1"])
    }

    @Test func readsNodes() {
        let nodes = model.graph.nodes
        #expect(nodes.map(\.opType) == ["Conv", "Constant", "If"])
        #expect(nodes.map(\.domain) == ["", "", "local"])
        #expect(nodes[0].name == "/conv" && nodes[0].inputs == ["image", "", "w"] && nodes[0].outputs == ["h"])
        #expect(nodes[0].metadata == ["pkg.torch.onnx.name_scopes": "['', 'layer1']"])
        #expect(nodes[2].overload == "o")
    }

    @Test(arguments: [
        (0, "alpha", "float(0.25)"), (0, "group", "int(-1)"), (0, "auto_pad", "string(\"SAME_UPPER\")"),
        (0, "scales", "floats([1.0, 2.5, -3.0])"), (0, "pads", "ints([0, 1, -2])"),
        (0, "names", "strings([\"a\", \"b\"])"),
        (0, "old", "int(7)"), (0, "default", "int(0)"), (0, "sparse", "other"),
    ])
    func readsAttributes(node: Int, name: String, expected: String) {
        #expect(model.graph.nodes[node].attributes[name].map { "\($0)" } == expected)
    }

    @Test func readsTensorsAndGraphsInAttributes() throws {
        guard case .tensor(let value)? = model.graph.nodes[1].attributes["value"],
            case .tensors(let list)? = model.graph.nodes[1].attributes["list"],
            case .graph(let inner)? = model.graph.nodes[2].attributes["then_branch"]
        else {
            Issue.record("\(model.graph.nodes[1].attributes)")
            return
        }
        #expect(value.dims == [] && value.count == 1)
        #expect(try value.integers() == [-5])
        #expect(try list.map { try $0.floats() } == [[1]])
        #expect(inner.name == "inner" && inner.nodes.map(\.opType) == ["Identity"])
    }

    @Test func readsValueInfo() {
        #expect(
            model.graph.inputs == [
                ValueInfo(name: "image", elementType: .float32, shape: [.symbolic("N"), .fixed(3), .unknown, .unknown])
            ])
        #expect(model.graph.outputs == [ValueInfo(name: "y", elementType: .float16, shape: nil)])
        #expect(
            model.graph.valueInfo == [
                ValueInfo(name: "h", kind: .sequence), ValueInfo(name: "scalar", elementType: .int64, shape: []),
            ])
    }

    @Test func readsFunctions() throws {
        let function = try #require(model.functions.first)
        #expect(function.name == "Twice" && function.domain == "local" && function.overload == "o")
        #expect(function.inputs == ["x"] && function.outputs == ["y"] && function.opsets == ["": 21])
        #expect(
            function.attributes == ["alpha"] && function.metadata == ["k": "v"]
                && function.valueInfo == [ValueInfo(name: "y")])
        #expect(function.attributeDefaults["beta"].map { "\($0)" } == "float(0.5)")
        #expect(function.nodes.first?.attributes["axis"].map { "\($0)" } == "reference(\"alpha\")")
    }

    @Test func readsInitializers() throws {
        let tensors = Dictionary(uniqueKeysWithValues: model.graph.initializers.map { ($0.name, $0) })
        #expect(try tensors["floats"]?.floats() == [1, 2, 3])
        #expect(try tensors["doubles"]?.floats() == [1.5, 2.5])
        #expect(try tensors["halves"]?.floats() == [1, -2])
        #expect(try tensors["shape"]?.integers() == [1, -1, 300])
        #expect(try tensors["unsigned"]?.integers() == [9])
        #expect(try tensors["words"]?.strings() == ["one", ""])
        #expect(tensors["w"]?.dims == [2, 2])
    }

    @Test func skipsUnknownFieldsOfEveryWireType() throws {
        let unknown = Proto(.int(900, 1), .double(901, 1), .string(902, "x"), .float(903, 1), .int((1 << 29) - 1, -1))
        let model = try parse(
            Proto(unknown, .model(unknown, .message(1, unknown, .string(4, "Relu"), unknown), unknown), unknown))
        #expect(model.graph.nodes.map(\.opType) == ["Relu"])
    }

    @Test func assumesOperatorSetOneBeforeThereWereOperatorSets() throws {
        #expect(try parse(Proto(.int(1, 2), .message(7))).opsets == ["": 1])
    }
}
