import ONNX
import Testing

@testable import Network

/// A quantised and dequantised value, as in files with QuantizeLinear and DequantizeLinear around every layer.
struct QuantizeTests {
    /// Scale 0.5, zero point 10, uint8: values from -5 to 122.5 in steps of 0.5; ties go to the even step.
    @Test(arguments: [
        (Float(-6), Float(-5), Float(0)), (-5, -5, 1), (-4.9, -5, 1), (0.25, 0, 1), (0.75, 1, 1), (3.3, 3.5, 1),
        (122.5, 122.5, 1), (130, 122.5, 0),
    ])
    func roundsAndPassesTheGradientInsideTheRange(_ x: Float, _ y: Float, _ slope: Float) throws {
        var importer = Importer(opset: 13)
        try importer.addInitializers(
            GraphDef(initializers: [
                TensorDef(name: "scale", dims: [], floats: [0.5]), TensorDef(name: "zero", dims: [], integers: [10]),
            ]))
        importer.types["zero"] = .uint8
        let input = importer.define("x", try Shape([1, 1, 1, 1]), producer: nil)
        for (index, node) in [
            NodeDef(opType: "QuantizeLinear", inputs: ["x", "scale", "zero"], outputs: ["q"]),
            NodeDef(opType: "DequantizeLinear", inputs: ["q", "scale", "zero"], outputs: ["y"]),
            NodeDef(opType: "Flatten", inputs: ["y"], outputs: ["row"]),
        ].enumerated() { try importer.add(node, index: index) }
        guard case .value(let result, _)? = importer.tensors["row"] else { Issue.record("there is no value"); return }
        let graph = try Graph(values: importer.values, nodes: importer.nodes, input: input, logits: result)
        let run = try graph.run([[x]], gradients: [input])
        #expect(run.scores == [[y]])
        #expect(try run.gradients([[3]], at: [input], rule: .plain)[0][0].values == [3 * slope])
    }
}
