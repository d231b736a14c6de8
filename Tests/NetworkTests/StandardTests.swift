import ONNX
import Testing

@testable import Network

/// What the standard says of every node is checked as it is imported.
@Suite struct StandardTests {
    static let known = Set(
        Array(Registry.operators.keys) + Array(Lowering.rules.keys) + Array(Fold.rules.keys)
            + Array(Importer.sequenceRules.keys) + [Importer.branching]
            + Lowering.microsoft.keys.map { "com.microsoft." + $0 })

    @Test func everyOperatorHasASignature() {
        #expect(Self.known.subtracting(Signature.all.keys) == [])
        #expect(Set(Signature.all.keys).subtracting(Self.known) == [])
        for (name, signatures) in Signature.all {
            #expect(zip(signatures, signatures.dropFirst()).allSatisfy { $0.since < $1.since }, "\(name)")
        }
    }

    struct Breach: Sendable {
        let op: String
        var inputs = ["x"], outputs = ["y"], attributes: [String: Attribute] = [:], opset = 17
        let reason: String
    }

    /// `x` is [1, 3, 4, 4], `w` [3, 3, 1, 1], `list` [1, -1], `table` the same as a table.
    @Test(arguments: [
        Breach(
            op: "Conv", inputs: ["x"] + [String](repeating: "w", count: 8),
            reason: "it has 9 inputs where the standard allows 2 to 3: the file is damaged; export it again"),
        Breach(op: "Conv", inputs: ["x", ""], reason: "it has 1 inputs where the standard allows 2 to 3"),
        Breach(op: "Conv", inputs: ["", "w"], reason: "operand 0 is missing"),
        Breach(op: "Conv", inputs: ["x", "w"], attributes: ["group": .string("1")], reason: "attribute 'group' is of"),
        Breach(
            op: "Conv", inputs: ["x", "w"], attributes: ["pads": .reference("p")], reason: "attribute 'pads' is of"),
        Breach(op: "Relu", outputs: ["y", "z"], reason: "it has 2 outputs where the standard allows 1"),
        Breach(op: "Relu", outputs: [], reason: "it has 0 outputs where the standard allows 1"),
        Breach(op: "Transpose", outputs: [], reason: "it has 0 outputs"),
        Breach(op: "Concat", inputs: [], reason: "it has 0 inputs where the standard allows 1 or more"),
        Breach(op: "Concat", inputs: ["x", "x"], reason: "attribute 'axis' is missing"),
        Breach(op: "Cast", reason: "attribute 'to' is missing"),
        Breach(op: "Cast", attributes: ["to": .int(8)], reason: "it casts to string, which"),
        Breach(op: "Cast", attributes: ["to": .int(99)], reason: "it casts to number 99, which"),
        Breach(op: "Cast", attributes: ["to": .string("FLOAT")], reason: "it casts to FLOAT, which"),
        Breach(op: "Cast", attributes: ["to": .string("TEXT")], opset: 1, reason: "it casts to TEXT, which"),
        Breach(op: "Gelu", reason: "this operator came with opset 20"),
        Breach(
            op: "Clip", inputs: ["x", "", "list"], reason: "operand 2 is of shape [2] where the standard has a single"),
        Breach(
            op: "Reshape", inputs: ["x", "table"],
            reason: "operand 1 is of shape [1, 2] where the standard has a list"),
        Breach(op: "Reshape", opset: 13, reason: "it has 1 inputs where the standard allows 2"),
        Breach(op: "ReduceSum", inputs: ["x", "table"], reason: "operand 1 is of shape [1, 2] where"),
        Breach(op: "Conv", inputs: ["x", "w", "column"], reason: "operand 2 is of shape [3, 1] where"),
        Breach(op: "ConvTranspose", inputs: ["x", "w", "column"], reason: "operand 2 is of shape [3, 1] where"),
        Breach(
            op: "BatchNormalization", inputs: ["x", "three", "three", "three", "column"],
            reason: "operand 4 is of shape [3, 1] where"),
        Breach(
            op: "InstanceNormalization", inputs: ["x", "column", "three"], reason: "operand 1 is of shape [3, 1] where"),
        Breach(
            op: "GroupNormalization", inputs: ["x", "three", "column"], attributes: ["num_groups": .int(3)], opset: 21,
            reason: "operand 2 is of shape [3, 1] where"),
        Breach(op: "Resize", inputs: ["x", "", "scales", "sizes"], reason: "it has both scales and sizes"),
        Breach(op: "Split", inputs: ["x", "pieces"], attributes: ["axis": .int(2)], reason: "2 pieces do not fit 1"),
        Breach(
            op: "Split", inputs: ["x", "pieces"], outputs: ["a", "b", "c"], attributes: ["axis": .int(2)],
            reason: "2 pieces do not fit 3"),
        Breach(
            op: "ScatterElements", inputs: ["x", "place", "x"], attributes: ["axis": .int(2)],
            reason: "updates of shape [1, 3, 4, 4] do not fit indices of shape [1, 1, 1, 1]"),
        Breach(
            op: "ScatterND", inputs: ["x", "row0", "x"],
            reason: "updates of shape [1, 3, 4, 4] do not fit indices of shape [1, 2]"),
    ])
    func refuses(_ breach: Breach) throws {
        var importer = try Self.importer(opset: breach.opset)
        let node = NodeDef(
            name: "n", opType: breach.op, inputs: breach.inputs, outputs: breach.outputs, attributes: breach.attributes)
        let error = try #require(#expect(throws: NetworkError.self) { try importer.add(node, index: 0) })
        let start = "node 'n' (\(breach.op), opset \(breach.opset)): \(breach.reason)"
        #expect(error.description.hasPrefix(start), "\(error)")
    }

    /// What exporters write and nobody minds.
    @Test(arguments: [
        NodeDef(
            opType: "Conv", inputs: ["x", "w", "", ""], outputs: ["y", ""], attributes: ["colour": .string("red")]),
        NodeDef(opType: "Clip", inputs: ["x", "one", ""], outputs: ["y"]),
        NodeDef(opType: "Squeeze", inputs: ["x", "zero"], outputs: ["y"]),
        NodeDef(opType: "LayerNormalization", inputs: ["x", "row"], outputs: ["y"], attributes: ["axis": .int(-1)]),
        NodeDef(opType: "Resize", inputs: ["x", "", "scales"], outputs: ["y"]),
        NodeDef(opType: "Resize", inputs: ["x", "", "scales", "none"], outputs: ["y"]),
        NodeDef(
            opType: "ScatterElements", inputs: ["x", "place", "number"], outputs: ["y"], attributes: ["axis": .int(2)]),
        NodeDef(opType: "ScatterND", inputs: ["x", "row0", "square"], outputs: ["y"]),
    ])
    func takes(_ node: NodeDef) throws {
        var importer = try Self.importer(opset: node.opType == "Squeeze" ? 13 : 11)
        try importer.add(node, index: 0)
    }

    static func importer(opset: Int) throws -> Importer {
        var importer = Importer(opset: opset)
        _ = importer.define("x", try Shape([1, 3, 4, 4]), producer: nil)
        importer.addInitializers(
            GraphDef(initializers: [
                try TensorDef(name: "w", dims: [3, 3, 1, 1], floats: [Float](repeating: 1, count: 9)),
                try TensorDef(name: "list", dims: [2], integers: [1, -1]),
                try TensorDef(name: "table", dims: [1, 2], integers: [1, -1]),
                try TensorDef(name: "one", dims: [1], floats: [1]),
                try TensorDef(name: "row", dims: [4], floats: [1, 1, 1, 1]),
                try TensorDef(name: "scales", dims: [4], floats: [1, 1, 2, 2]),
                try TensorDef(name: "zero", dims: [], integers: [0]),
                try TensorDef(name: "column", dims: [3, 1], floats: [1, 1, 1]),
                try TensorDef(name: "three", dims: [3], floats: [1, 1, 1]),
                try TensorDef(name: "sizes", dims: [4], integers: [1, 3, 8, 8]),
                try TensorDef(name: "none", dims: [0], integers: []),
                try TensorDef(name: "pieces", dims: [2], integers: [2, 2]),
                try TensorDef(name: "place", dims: [1, 1, 1, 1], integers: [2]),
                try TensorDef(name: "number", dims: [1, 1, 1, 1], floats: [1]),
                try TensorDef(name: "row0", dims: [1, 2], integers: [0, 2]),
                try TensorDef(name: "square", dims: [1, 4, 4], floats: [Float](repeating: 1, count: 16)),
            ]))
        return importer
    }

    // MARK: Names and operator sets

    private static func refusal(_ graph: GraphDef, opsets: [String: Int64] = ["": 17]) -> String {
        do throws(NetworkError) {
            try Model(graph: graph, opsets: opsets).checkNames()
        } catch { return error.description }
        return ""
    }

    @Test func namesAreGivenOnce() throws {
        let x = ValueInfo(name: "x")
        let relu = NodeDef(name: "a", opType: "Relu", inputs: ["x"], outputs: ["y"])
        let weight = try TensorDef(name: "w", dims: [1], floats: [1])
        #expect(Self.refusal(GraphDef(nodes: [relu], initializers: [weight], inputs: [x, ValueInfo(name: "w")])) == "")
        var second = relu
        second.name = ""
        #expect(
            Self.refusal(GraphDef(nodes: [relu, second], inputs: [x]))
                == "'y' is given twice, by node 'a' and by node 'Relu_1': the file is damaged; export it again")
        #expect(Self.refusal(GraphDef(inputs: [x, x])).hasPrefix("'x' is given twice, by the input and by another"))
        #expect(
            Self.refusal(GraphDef(initializers: [weight, weight])).hasPrefix(
                "'w' is given twice, by an initializer and"))
        second.outputs = ["x"]
        #expect(Self.refusal(GraphDef(nodes: [second], inputs: [x])).hasPrefix("'x' is given twice, by the input and"))
        let inner = NodeDef(
            name: "if", opType: "If", outputs: ["z"],
            attributes: ["then_branch": .graph(GraphDef(nodes: [relu, relu]))])
        #expect(Self.refusal(GraphDef(nodes: [inner])).hasPrefix("'y' is given twice"))
    }

    @Test func operatorSetsAreNamed() {
        let graph = GraphDef(nodes: [NodeDef(name: "a", opType: "Relu", inputs: ["x"], outputs: ["y"])])
        #expect(Self.refusal(graph, opsets: ["": 0]).hasPrefix("the file names opset 0, where they count from 1"))
        #expect(Self.refusal(graph, opsets: ["": -1]).hasPrefix("the file names opset -1"))
        #expect(Self.refusal(graph, opsets: ["local": 1]).contains("of which node 'a' is one"))
        var newer = Model(graph: graph, opsets: ["": 99])
        newer.irVersion = 99
        #expect(
            newer.remarks.map(\.description).map { $0.prefix(30) } == [
                "the file is of opset 99, newer", "the file is of IR version 99, ",
            ])
    }
}
