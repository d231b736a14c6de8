import ONNX
import Testing

@testable import Network

/// Which values are maps over the photo, and which one is taken where none is named, in graphs made by hand.
struct LayerTests {
    /// A network over an 8 x 8 photo: a convolution to `c` channels of 4 x 4, `nodes` after it, and the mean of
    /// "tokens" over axis 1 as scores.
    private func network(_ nodes: [NodeDef], convolution: Bool = true, channels c: Int = 4) throws -> Graph {
        func ints(_ name: String, _ values: [Int64]) throws -> TensorDef {
            try TensorDef(name: name, dims: [values.count], integers: values)
        }
        func floats(_ name: String, _ dims: [Int]) throws -> TensorDef {
            try TensorDef(name: name, dims: dims, floats: [Float](repeating: 1, count: dims.reduce(1, *)))
        }
        var importer = Importer(opset: 18)
        try importer.addInitializers(
            GraphDef(initializers: [
                floats("filters", [c, 3, 2, 2]), floats("kernels", [c, 3, 2, 2]), floats("ones", [c]),
                ints("[1,c,16]", [1, Int64(c), 16]),
                ints("[16,c]", [16, Int64(c)]), ints("[1,16,c]", [1, 16, Int64(c)]), ints("[16,3,2,2]", [16, 3, 2, 2]),
                ints("[1,12,16]", [1, 12, 16]),
                TensorDef(name: "windows", dims: [2, 4], integers: [0, 2, 4, 6, 1, 3, 5, 7]),
                floats("extra", [1, 2, c]), ints("1", [1]), ints("2", [2]),
                ints("end", [99]), ints("[1,1,c]", [1, 1, Int64(c)]), ints("[1,c,1,1]", [1, Int64(c), 1, 1]),
                floats("along", [1, 1, 3]),
            ]))
        let input = importer.define("photo", try Shape([1, 3, 8, 8]), producer: nil)
        let first = NodeDef(
            name: "conv", opType: "Conv", inputs: ["photo", "filters"], outputs: ["map"],
            attributes: ["strides": .ints([2, 2])])
        let last = NodeDef(
            name: "scores", opType: "ReduceMean", inputs: ["tokens", "1"], outputs: ["row"],
            attributes: ["keepdims": .int(0)])
        for (index, node) in ((convolution ? [first] : []) + nodes + [last]).enumerated() {
            try importer.add(node, index: index)
        }
        guard case .value(let scores, _)? = importer.tensors["row"] else { throw NetworkError.noScores("") }
        return try Graph(values: importer.values, nodes: importer.nodes, input: input, logits: scores)
    }

    private func node(_ type: String, _ inputs: [String], _ output: String, _ attributes: [String: Attribute] = [:])
        -> NodeDef
    {
        NodeDef(name: output, opType: type, inputs: inputs, outputs: [output], attributes: attributes)
    }

    private let swapped: [String: Attribute] = ["perm": .ints([0, 2, 1])]

    @Test func tokensBehindABatchNormKeepTheirPlaces() throws {
        let graph = try network([
            node("Reshape", ["map", "[1,c,16]"], "flat"), node("Transpose", ["flat"], "sequence", swapped),
            node("Reshape", ["sequence", "[16,c]"], "rows"),
            node("BatchNormalization", ["rows", "ones", "ones", "ones", "ones"], "normal"),
            node("Reshape", ["normal", "[1,16,c]"], "tokens"),
        ])
        let layer = try graph.layer(named: "tokens")
        #expect((layer.channels, layer.height, layer.width) == (4, 4, 4))
        #expect(graph.defaultLayer == layer)
    }

    @Test func gatheredWindowsAreAGrid() throws {
        let graph = try network(
            [
                node("Gather", ["photo", "windows"], "rows", ["axis": .int(2)]),
                node("Gather", ["rows", "windows"], "both", ["axis": .int(4)]),
                node("Transpose", ["both"], "blocks", ["perm": .ints([0, 1, 2, 4, 3, 5])]),
                node("Reshape", ["blocks", "[1,12,16]"], "columns"),
                node("Transpose", ["columns"], "patches", swapped),
                node("Reshape", ["patches", "[16,3,2,2]"], "photos"),
                node("Conv", ["photos", "kernels"], "embedded"), node("Reshape", ["embedded", "[1,16,c]"], "tokens"),
            ], convolution: false)
        let layer = try graph.layer(named: "tokens")
        #expect((layer.channels, layer.height, layer.width, layer.strideX) == (4, 4, 4, 2))
        #expect(graph.defaultLayer == layer)
    }

    @Test func theDefaultStandsBeforeTheCutOfRegisters() throws {
        let graph = try network([
            node("Reshape", ["map", "[1,c,16]"], "flat"), node("Transpose", ["flat"], "sequence", swapped),
            node("Concat", ["extra", "sequence"], "all", ["axis": .int(1)]), node("Relu", ["all"], "block"),
            node("Slice", ["block", "2", "end", "1"], "tokens"),
        ])
        let layer = try #require(graph.defaultLayer)
        #expect(layer.name == "block")
        #expect((layer.channels, layer.height, layer.width) == (4, 4, 4))
    }

    @Test func aLineOfChannelsIsNoMap() throws {
        let graph = try network([
            node("GlobalAveragePool", ["map"], "pooled"), node("Reshape", ["pooled", "[1,1,c]"], "line"),
            node("Conv", ["line", "along"], "mixed", ["pads": .ints([1, 1])]),
            node("Reshape", ["mixed", "[1,c,1,1]"], "gate"),
            node("Mul", ["map", "gate"], "scaled"), node("Reshape", ["scaled", "[1,c,16]"], "flat"),
            node("Transpose", ["flat"], "tokens", swapped),
        ])
        #expect(graph.layers.map(\.name) == ["conv", "pooled", "scaled", "flat", "tokens"])
        #expect(graph.defaultLayer?.name == "scaled")
    }

    @Test func thePhotoItselfIsNoLayer() throws {
        #expect(try network([node("Relu", ["photo"], "tokens")], convolution: false).defaultLayer == nil)
    }
}
