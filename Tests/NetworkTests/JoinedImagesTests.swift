import ONNX
import Testing
import TestSupport

@testable import Network

/// Images that share the weights of a large fully connected layer have the numbers that each has alone.
struct JoinedImagesTests {
    private static let (inputs, hidden, classes) = (3 * 40 * 40, 1000, 5)

    /// Two layers, the first of more weights than one that images do not share.
    ///
    /// - Parameter turned: whether weights lie as PyTorch has them, a row an output.
    private func graph(turned: Bool) throws -> Graph {
        func weights(_ name: String, _ k: Int, _ n: Int) throws -> TensorDef {
            try TensorDef(name: name, dims: turned ? [n, k] : [k, n], floats: Self.numbers(k * n, seed: k))
        }
        func layer(_ x: String, _ w: String, _ y: String) -> NodeDef {
            turned
                ? NodeDef(name: y, opType: "Gemm", inputs: [x, w], outputs: [y], attributes: ["transB": .int(1)])
                : NodeDef(name: y, opType: "MatMul", inputs: [x, w], outputs: [y])
        }
        let photo = ValueInfo(name: "photo", elementType: .float32, shape: [1, 3, 40, 40].map { .fixed($0) })
        let scores = ValueInfo(name: "scores", elementType: .float32, shape: [1, Self.classes].map { .fixed($0) })
        let model = Model(
            graph: GraphDef(
                nodes: [
                    NodeDef(name: "first", opType: "Relu", inputs: ["photo"], outputs: ["x"]),
                    NodeDef(name: "flat", opType: "Flatten", inputs: ["x"], outputs: ["row"]),
                    layer("row", "v", "h"), NodeDef(name: "relu", opType: "Relu", inputs: ["h"], outputs: ["r"]),
                    layer("r", "w", "scores"),
                ],
                initializers: [
                    try weights("v", Self.inputs, Self.hidden), try weights("w", Self.hidden, Self.classes),
                ],
                inputs: [photo], outputs: [scores]),
            opsets: ["": 17])
        return try Graph(model, image: ImageInput(model), width: 40, height: 40)
    }

    /// From -1 to 1.
    private static func numbers(_ count: Int, seed: Int) -> [Float] {
        (0..<count).map { (i: Int) -> Float in
            let residue: Int = ((i + seed) * 7919) % 1013
            return Float(residue) / 506 - 1
        }
    }

    @Test(arguments: [true, false]) func haveTheirOwnNumbers(turned: Bool) throws {
        let graph = try graph(turned: turned), recording = Recording(gradients: [graph.input])
        let session = CPUProgram(graph).session(threads: 2)
        #expect(try session.usefulImages(recording) == Gemm.fewRows)
        // One more than one call holds.
        let places = 0...Gemm.fewRows
        let images: [[Float]] = places.map { Self.numbers(Self.inputs, seed: $0) }
        let cotangents: [[Float]] = places.map { Self.numbers(Self.classes, seed: 40 + $0) }
        let together = try session.run(images, recording: recording)
        let gradients = try together.gradients(cotangents, at: [graph.input], rule: .plain)
        let last = try together.gradients(Array(cotangents[7...]), of: 7..<9, at: [graph.input], rule: .plain)
        #expect(last.map { $0[0].values } == gradients[7...].map { $0[0].values })
        for (index, image) in images.enumerated() {
            let alone = try session.run([image], recording: recording)
            let gradient = try alone.gradients([cotangents[index]], at: [graph.input], rule: .plain)[0][0].values
            #expect((together.scores[index] == alone.scores[0]) as Bool, "image \(index): scores")
            #expect((gradients[index][0].values == gradient) as Bool, "image \(index): gradient")
        }
    }

    /// Where small layers are all there is, a pass gains nothing by images.
    @Test func othersGainNothing() throws {
        let model = try Model(contentsOf: Golden("mobilenet_v2").path + "/torchscript.onnx")
        let graph = try Graph(model, image: try ImageInput(model), width: 64, height: 64)
        #expect(try CPUProgram(graph).session(threads: 1).usefulImages(Recording()) == 1)
    }
}
