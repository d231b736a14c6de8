import ONNX
import TestSupport
import Testing

/// Real networks; the expected numbers come from the onnx package for Python.
@Suite struct SharedModelTests {
    struct Facts: Sendable, CustomTestStringConvertible {
        var file: String
        var irVersion: Int64, producer: String, opset: Int64
        var nodes: Int, initializers: Int, elements: Int
        var input: String, size: Int
        var tensor: String, dims: [Int], first: Float, last: Float, sum: Double
        var testDescription: String { file }
    }

    @Test(arguments: [
        Facts(
            file: "darknet_tiny", irVersion: 8, producer: "", opset: 13, nodes: 52, initializers: 77,
            elements: 1_046_488,
            input: "input", size: 224, tensor: "conv2d_12_w", dims: [512, 64, 3, 3],
            first: -0.005309934262186289, last: -0.02067469246685505, sum: -395.41193463664877),
        Facts(
            file: "mobilenet_v1_0.5_160", irVersion: 8, producer: "tfl2onnx", opset: 13, nodes: 57, initializers: 58,
            elements: 1_326_122,
            input: "input", size: 160, tensor: "fc_w", dims: [1000, 512],
            first: -0.020595457404851913, last: 0.036042049527168274, sum: 1538.1460087718442),
        Facts(
            file: "mobilenet_v2_1.0_224", irVersion: 8, producer: "tfl2onnx", opset: 13, nodes: 100, initializers: 108,
            elements: 3_487_818,
            input: "input", size: 224, tensor: "fc_w", dims: [1000, 1280],
            first: -0.013528657145798206, last: -0.0591878741979599, sum: 1196.4202979069669),
        Facts(
            file: "squeezenet1.1", irVersion: 4, producer: "", opset: 9, nodes: 65, initializers: 52,
            elements: 1_235_496,
            input: "data_0", size: 224, tensor: "conv10_w_0", dims: [1000, 512, 1, 1],
            first: -0.035858154296875, last: -0.0211029052734375, sum: 3445.840609550476),
    ])
    func agreesWithPython(_ facts: Facts) throws {
        guard let path = Shared.path("models/\(facts.file).onnx", for: "reading real networks") else { return }
        let model = try Model(contentsOf: path)
        #expect(model.irVersion == facts.irVersion)
        #expect(model.producerName == facts.producer)
        #expect(model.opsets == ["": facts.opset])
        #expect(model.graph.nodes.count == facts.nodes)
        #expect(model.graph.initializers.count == facts.initializers)
        #expect(model.graph.initializers.reduce(0) { $0 + $1.count } == facts.elements)
        #expect(
            model.graph.inputs == [
                ValueInfo(
                    name: facts.input, elementType: .float32,
                    shape: [1, 3, facts.size, facts.size].map(Dimension.fixed))
            ])
        #expect(
            model.graph.outputs == [ValueInfo(name: "logits", elementType: .float32, shape: [.fixed(1), .fixed(1000)])])

        let tensor = try #require(model.graph.initializers.first { $0.name == facts.tensor })
        #expect(tensor.dims == facts.dims)
        let values = try tensor.floats()
        #expect(values.first == facts.first)
        #expect(values.last == facts.last)
        #expect(abs(values.reduce(0) { $0 + Double($1) } - facts.sum) < 1e-6)
        try tensor.withFloats { #expect(Array($0) == values) }
    }

    @Test func readsNodes() throws {
        guard let path = Shared.path("models/mobilenet_v1_0.5_160.onnx", for: "reading real nodes") else { return }
        let node = try #require(try Model(contentsOf: path).graph.nodes.first)
        #expect(node.name == "conv_1" && node.opType == "Conv" && node.domain == "")
        #expect(node.inputs == ["input", "w0", "b0"] && node.outputs == ["conv_1"])
        #expect(Set(node.attributes.keys) == ["dilations", "group", "kernel_shape", "pads", "strides"])
        guard case .ints([0, 0, 1, 1])? = node.attributes["pads"], case .int(1)? = node.attributes["group"] else {
            Issue.record("\(node.attributes)")
            return
        }
    }
}
