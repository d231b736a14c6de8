import ONNX
import Testing

@testable import Network

/// Names and nesting of any depth cost no more than reading them.
struct DepthTests {
    private func graph(convolution name: String, rank: Int = 2) throws -> Graph {
        let weights = try TensorDef(name: "w", dims: [2, 3, 1, 1], floats: [1, 0, 0, 0, 1, 0])
        let nodes = [
            NodeDef(name: name, opType: "Conv", inputs: ["x", "w"], outputs: ["c"]),
            NodeDef(name: "r", opType: "Relu", inputs: ["c"], outputs: ["map"]),
            NodeDef(name: "p", opType: "GlobalAveragePool", inputs: ["map"], outputs: ["pooled"]),
            NodeDef(
                name: "form", opType: "Constant", outputs: ["s"],
                attributes: ["value_ints": .ints([Int64](repeating: 1, count: rank - 1) + [2])]),
            NodeDef(name: "f", opType: "Reshape", inputs: ["pooled", "s"], outputs: ["deep"]),
            NodeDef(
                name: "pad", opType: "Flatten", inputs: ["deep"], outputs: ["scores"], attributes: ["axis": .int(-1)]),
        ]
        let model = Model(
            graph: GraphDef(
                nodes: nodes, initializers: [weights],
                inputs: [ValueInfo(name: "x", elementType: .float32, shape: [1, 3, 4, 4].map { .fixed($0) })],
                outputs: [ValueInfo(name: "scores", elementType: .float32, shape: [.fixed(1), .fixed(2)])]),
            opsets: ["": 17])
        return try Graph(model, image: ImageInput(model), width: 4, height: 4)
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["/", ".", "/a."])
    func moduleNamesAreBounded(_ separator: String) throws {
        let name = String(repeating: separator + "a", count: 200_000) + "/Conv"
        let graph = try graph(convolution: name)
        #expect(graph.layers.map(\.path).allSatisfy { $0.count < 1000 })
        #expect(graph.layerNames.values.contains(name))
        #expect(try graph.layer(named: name).name == name)
        #expect(throws: NetworkError.self) { try graph.layer(named: "nosuch") }
        #expect(throws: NetworkError.self) { try graph.layer(named: "a[-1].b") }
    }

    @Test func modulesOfANetworkAreFound() throws {
        let graph = try graph(convolution: "/" + [String](repeating: "a", count: 64).joined(separator: "/") + "/Conv")
        #expect(graph.layers[0].path == [String](repeating: "a", count: 64).joined(separator: "."))
        #expect(try graph.layer(named: "a.a.a").value == graph.layers[0].value)
    }

    @Test func axesAreBounded() throws {
        _ = try graph(convolution: "c", rank: 64)
        #expect {
            try graph(convolution: "c", rank: 200_000)
        } throws: {
            "\($0)".contains("node 'f'") && "\($0)".contains("a tensor of 200000 axes") && "\($0)".count < 300
        }
    }

    /// Files nest messages in one another; branches that stand in branches are counted.
    @Test func branchesAreBounded() throws {
        func nested(_ depth: Int) -> [NodeDef] {
            guard depth > 0 else { return [NodeDef(opType: "Identity", inputs: ["x"], outputs: ["y"])] }
            let branch = GraphDef(nodes: nested(depth - 1), outputs: [ValueInfo(name: "y")])
            return [NodeDef(opType: "If", inputs: ["t"], outputs: ["y"], attributes: ["then_branch": .graph(branch)])]
        }
        let limits = Limits()
        try limits.check(Model(graph: GraphDef(nodes: nested(64)), opsets: ["": 17]))
        #expect(throws: NetworkError.self) {
            try limits.check(Model(graph: GraphDef(nodes: nested(65)), opsets: ["": 17]))
        }
    }
}
