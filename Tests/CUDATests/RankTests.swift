import ONNX
import Testing
import TestSupport

@testable import CUDA
@testable import Network

/// As many axes as the kernels' walks hold, and one more.
struct RankTests {
    /// A transposition of so many axes of 2, besides the first, that leaves none beside its neighbour.
    private func graph(_ rank: Int) throws -> Graph {
        var importer = Importer(Model(graph: GraphDef(), opsets: ["": 17]))
        let input = importer.define("x", try Shape([1] + Array(repeating: 2, count: rank - 1)), producer: nil)
        let order = [0] + Array(1..<rank).reversed()
        importer.add(
            [
                NodeDef(
                    opType: "Transpose", inputs: ["x"], outputs: ["y"],
                    attributes: ["perm": .ints(order.map { Int64($0) })])
            ], opset: 17)
        if let fault = importer.faults.first { throw fault }
        guard case .value(let result, _)? = importer.tensors["y"] else { throw NetworkError.noSpatialLayer }
        return try Graph(values: importer.values, nodes: importer.nodes, input: input, logits: result)
    }

    @Test func elevenAxesAreComputed() throws {
        let graph = try graph(11), images = (0..<2).map { k in (0..<1024).map { Float($0 + 5000 * k) } }
        func compute(_ session: any Session) throws -> [[Float]] {
            let run = try session.run(images, recording: Recording(gradients: [graph.input]))
            return run.scores
                + (try run.gradients(images, at: [graph.input], rule: .plain)).map { $0[0].values }
        }
        let expected = try compute(CPU.load(graph, LoadOptions()).session(threads: 1))
        #expect(try compute(StandIn.program(graph).session(threads: 1)) == expected)
        StandIn.expectNoBreach()
    }

    @Test func twelveAreRefused() throws {
        #expect { try StandIn.program(graph(12)) } throws: { error in
            if case NetworkError.noKernel = error { true } else { false }
        }
    }
}
