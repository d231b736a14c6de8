import ONNX
import Testing

@testable import Network

/// Integers of few bits, as onnxruntime computes them.
struct WholeNumberTests {
    private static func node(
        _ type: String, _ inputs: [String], _ output: String, _ attributes: [String: Attribute] = [:],
        domain: String = ""
    ) -> NodeDef {
        NodeDef(name: output, opType: type, domain: domain, inputs: inputs, outputs: [output], attributes: attributes)
    }

    /// A number, the type that it is cast to, what it is then.
    static let casts: [(Int64, Int64, Int64)] = [
        (300, 2, 44), (300, 3, 44), (-1, 2, 255), (200, 3, -56), (-1, 4, 65535), (40000, 5, -25536),
        ((1 << 32) + 7, 6, 7), (-1, 12, 4_294_967_295), (300, 7, 300), (-5, 21, 11), (9, 22, -7),
    ]

    @Test(arguments: casts)
    func constantsAreCast(_ number: Int64, _ type: Int64, _ right: Int64) throws {
        for isFloat in [false, true] where number.magnitude < 1 << 24 || !isFloat {
            var importer = Importer(opset: 21)
            let x =
                isFloat
                ? try TensorDef(name: "x", dims: [1], floats: [Float(number)])
                : try TensorDef(name: "x", dims: [1], integers: [number])
            importer.addInitializers(GraphDef(initializers: [x]))
            try importer.add(Self.node("Cast", ["x"], "y", ["to": .int(type)]), index: 0)
            guard case .integers(_, let values)? = importer.tensors["y"] else {
                Issue.record("no integers"); return
            }
            #expect(values == [right])
        }
    }

    struct Computed: Sendable {
        let node: NodeDef
        let type: Int64
        let x, right: [Float]
    }

    static let computed = [
        Computed(node: node("Add", ["x", "n"], "y"), type: 2, x: [250, 3], right: [94, 103]),
        Computed(node: node("Sub", ["x", "n"], "y"), type: 2, x: [3, 120], right: [159, 20]),
        Computed(node: node("Mul", ["x", "n"], "y"), type: 3, x: [3, -1], right: [44, -100]),
        Computed(node: node("Sub", ["x", "n"], "y"), type: 5, x: [-32700, 1], right: [32736, -99]),
        Computed(node: node("Sub", ["x", "n"], "y"), type: 6, x: [3, -1], right: [-97, -101]),
        Computed(node: node("ReduceMean", ["x"], "y"), type: 6, x: [-4, -3], right: [-3]),
        Computed(node: node("ReduceL2", ["x"], "y"), type: 6, x: [2, 3], right: [3]),
        Computed(node: node("Cast", ["x"], "y", ["to": .int(2)]), type: 6, x: [300, -1], right: [44, 255]),
    ]

    @Test(arguments: computed)
    func numbersOfARunKeepTheirType(_ row: Computed) throws {
        var importer = Importer(opset: 17)
        importer.addInitializers(GraphDef(initializers: [try TensorDef(name: "k", dims: [1], integers: [100])]))
        let input = importer.define("photo", try Shape([1, 1, 1, 2]), producer: nil)
        for (index, node) in [
            Self.node("Cast", ["k"], "n", ["to": .int(row.type)]),
            Self.node("Cast", ["photo"], "x", ["to": .int(row.type)]), row.node,
            Self.node("Cast", ["y"], "real", ["to": .int(1)]), Self.node("Flatten", ["real"], "row"),
        ].enumerated() { try importer.add(node, index: index) }
        guard case .value(let result, _)? = importer.tensors["row"] else { Issue.record("there is no value"); return }
        let graph = try Graph(values: importer.values, nodes: importer.nodes, input: input, logits: result)
        #expect(try graph.run([row.x]).scores == [row.right])
    }
}
