import ONNX
import TestSupport
import Testing

@testable import Network

/// Layers that do not lead to the scores: photo -> convolution -> split, of which one half is read.
struct LayerOffPathTests {
    private static func graph(reading half: String) throws -> Graph {
        let numbers = (0..<108).map { Float($0 * 7 % 11) / 5 - 1 }
        let constants = [
            try TensorDef(name: "w", dims: [4, 3, 3, 3], floats: numbers),
            try TensorDef(name: "halves", dims: [2], integers: [2, 2]),
        ]
        let nodes = [
            NodeDef(
                name: "conv", opType: "Conv", inputs: ["photo", "w"], outputs: ["map"],
                attributes: ["pads": .ints([1, 1, 1, 1])]),
            NodeDef(
                name: "split", opType: "Split", inputs: ["map", "halves"], outputs: ["first", "second"],
                attributes: ["axis": .int(1)]),
            NodeDef(name: "mean", opType: "GlobalAveragePool", inputs: [half], outputs: ["means"]),
            NodeDef(name: "flat", opType: "Flatten", inputs: ["means"], outputs: ["scores"]),
        ]
        let photo = ValueInfo(name: "photo", elementType: .float32, shape: [1, 3, 8, 8].map { .fixed($0) })
        let scores = ValueInfo(name: "scores", elementType: .float32, shape: [.fixed(1), .fixed(2)])
        let model = Model(
            graph: GraphDef(nodes: nodes, initializers: constants, inputs: [photo], outputs: [scores]),
            opsets: ["": 18])
        return try Graph(model, image: ImageInput(model), width: 8, height: 8)
    }

    @Test(arguments: [("first", "split"), ("second", "conv")])
    func theDefaultLayerLeadsToTheScores(half: String, layer: String) throws {
        #expect(try Self.graph(reading: half).defaultLayer?.name == layer)
    }

    @Test func noRunIsResumedFromOne() throws {
        let graph = try Self.graph(reading: "second"), session = CPUProgram(graph).session(threads: 1)
        let unread = try #require(graph.values.firstIndex { $0.name == "first" })
        let recording = Recording(resumable: [unread])
        func expectRefusal(_ body: () throws -> Void) {
            do {
                try body()
                Issue.record("nothing was refused")
            } catch NetworkError.layerNotOnPath(let name) {
                #expect(name == "first")
            } catch {
                Issue.record("\(error)")
            }
        }
        expectRefusal { try session.check(recording, images: 1, streams: true, runs: 1) }
        expectRefusal {
            _ = try session.run([Array(repeating: 0.5, count: graph.inputShape.count)], recording: recording)
        }
    }
}
