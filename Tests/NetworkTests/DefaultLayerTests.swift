import ONNX
import Testing

@testable import Network

/// The default layer of a small transformer: four patches and a class token, one block, a head that reads the class
/// token.
struct DefaultLayerTests {
    /// Dynamic quantisation takes its scale from all tokens, but no gradient passes there: after the block's first
    /// norm only the class token counts.
    @Test(arguments: [false, true])
    func isTheFirstNormOfTheLastBlock(_ isQuantised: Bool) throws {
        func numbers(_ count: Int) -> [Float] { (0..<count).map { Float(($0 * 7) % 11) / 11 - 0.4 } }
        var importer = Importer(opset: 17)
        try importer.addInitializers(
            GraphDef(initializers: [
                TensorDef(name: "kernel", dims: [4, 3, 2, 2], floats: numbers(48)),
                TensorDef(name: "class token", dims: [1, 1, 4], floats: numbers(4)),
                TensorDef(name: "gain", dims: [4], floats: numbers(4)),
                TensorDef(name: "mixing", dims: [1, 5, 5], floats: numbers(25)),
                TensorDef(name: "weights", dims: [4, 4], floats: numbers(16)),
                TensorDef(name: "whole", dims: [4, 4], integers: (0..<16).map { $0 - 8 }),
                TensorDef(name: "head", dims: [4, 3], floats: numbers(12)),
                TensorDef(name: "first", dims: [], integers: [0]),
                TensorDef(name: "tokens", dims: [3], integers: [1, 4, 4]),
            ]))
        let input = importer.define("photo", try Shape([1, 3, 4, 4]), producer: nil)
        let product =
            isQuantised
            ? [
                NodeDef(opType: "DynamicQuantizeLinear", inputs: ["norm2"], outputs: ["q", "scale", "zero"]),
                NodeDef(opType: "MatMulInteger", inputs: ["q", "whole", "zero"], outputs: ["product"]),
                NodeDef(opType: "Cast", inputs: ["product"], outputs: ["float"], attributes: ["to": .int(1)]),
                NodeDef(opType: "Mul", inputs: ["float", "scale"], outputs: ["mlp"]),
            ]
            : [NodeDef(opType: "MatMul", inputs: ["norm2", "weights"], outputs: ["mlp"])]
        importer.add(
            [
                NodeDef(
                    opType: "Conv", inputs: ["photo", "kernel"], outputs: ["map"],
                    attributes: ["strides": .ints([2, 2])]),
                NodeDef(opType: "Reshape", inputs: ["map", "tokens"], outputs: ["rows"]),
                NodeDef(
                    opType: "Transpose", inputs: ["rows"], outputs: ["patches"], attributes: ["perm": .ints([0, 2, 1])]),
                NodeDef(
                    opType: "Concat", inputs: ["class token", "patches"], outputs: ["x0"], attributes: ["axis": .int(1)]
                ),
                NodeDef(name: "norm1", opType: "LayerNormalization", inputs: ["x0", "gain"], outputs: ["norm1"]),
                NodeDef(opType: "MatMul", inputs: ["mixing", "norm1"], outputs: ["mixed"]),
                NodeDef(opType: "Add", inputs: ["x0", "mixed"], outputs: ["x1"]),
                NodeDef(name: "norm2", opType: "LayerNormalization", inputs: ["x1", "gain"], outputs: ["norm2"]),
            ] + product + [
                NodeDef(opType: "Add", inputs: ["x1", "mlp"], outputs: ["x2"]),
                NodeDef(opType: "Gather", inputs: ["x2", "first"], outputs: ["class"], attributes: ["axis": .int(1)]),
                NodeDef(opType: "MatMul", inputs: ["class", "head"], outputs: ["scores"]),
            ], opset: 17)
        #expect(importer.faults.isEmpty, "\(importer.faults)")
        guard case .value(let scores, _)? = importer.tensors["scores"] else {
            Issue.record("there are no scores"); return
        }
        let graph = try Graph(values: importer.values, nodes: importer.nodes, input: input, logits: scores)
        #expect(graph.defaultLayer?.name == "norm1")
    }
}
