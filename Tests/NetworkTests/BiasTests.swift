import ONNX
import Testing
import TestSupport

@testable import Network

/// Which biases a network has.
struct BiasTests {
    /// A convolution with a bias, one to which a constant is added, a batch norm; and none of a second path, of a
    /// constant that is no bias, and of what is no map.
    @Test func biasesAreFound() throws {
        func numbers(_ count: Int) -> [Float] { (0..<count).map { Float($0 + 1) / 4 } }
        var importer = Importer(opset: 17)
        try importer.addInitializers(
            GraphDef(initializers: [
                TensorDef(name: "kernel", dims: [3, 3, 1, 1], floats: numbers(9)),
                TensorDef(name: "bias", dims: [3], floats: [1, 2, 3]),
                TensorDef(name: "added", dims: [3, 1, 1], floats: [4, 5, 6]),
                TensorDef(name: "gain", dims: [3], floats: [2, 2, 2]),
                TensorDef(name: "mean", dims: [3], floats: [1, 0, -1]),
                TensorDef(name: "variance", dims: [3], floats: [4, 4, 4]),
                TensorDef(name: "column", dims: [4], floats: numbers(4)),
            ]))
        let input = importer.define("photo", try Shape([1, 3, 4, 4]), producer: nil)
        importer.add(
            [
                NodeDef(opType: "Conv", inputs: ["photo", "kernel", "bias"], outputs: ["a"]),
                NodeDef(opType: "Conv", inputs: ["a", "kernel"], outputs: ["b"]),
                NodeDef(opType: "Add", inputs: ["added", "b"], outputs: ["c"]),
                NodeDef(opType: "Conv", inputs: ["c", "kernel"], outputs: ["d"]),
                NodeDef(opType: "Add", inputs: ["d", "column"], outputs: ["e"]),
                NodeDef(
                    opType: "BatchNormalization", inputs: ["e", "gain", "bias", "mean", "variance"], outputs: ["f"],
                    attributes: ["epsilon": .float(0)]),
                NodeDef(opType: "Conv", inputs: ["f", "kernel", "bias"], outputs: ["aside"]),
                NodeDef(opType: "GlobalAveragePool", inputs: ["f"], outputs: ["mean map"]),
                NodeDef(opType: "Conv", inputs: ["mean map", "kernel", "bias"], outputs: ["head"]),
                NodeDef(opType: "Flatten", inputs: ["head"], outputs: ["scores"]),
            ], opset: 17)
        #expect(importer.faults.isEmpty, "\(importer.faults)")
        guard case .value(let scores, _)? = importer.tensors["scores"] else {
            Issue.record("there are no scores"); return
        }
        let graph = try Graph(values: importer.values, nodes: importer.nodes, input: input, logits: scores)
        let biases = graph.biases
        #expect(biases.map { graph.values[$0.value].name } == ["a", "c", "f"])
        #expect(biases.map(\.numbers) == [[1, 2, 3], [4, 5, 6], [0, 2, 4]])
    }
}
